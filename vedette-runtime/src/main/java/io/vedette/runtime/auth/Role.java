package io.vedette.runtime.auth;

import java.util.Locale;
import java.util.Optional;

/** What a principal may do. An admin may all, an operator what a viewer may; ingest stands apart. */
public enum Role {
  VIEWER,
  OPERATOR,
  ADMIN,
  INGEST;

  /** Whether who has this role may do what needs that one. */
  public boolean allows(Role needed) {
    return switch (this) {
      case ADMIN -> true;
      case OPERATOR -> needed == OPERATOR || needed == VIEWER;
      case VIEWER -> needed == VIEWER;
      case INGEST -> needed == INGEST;
    };
  }

  /** Lower case, as tokens, headers and configuration write it. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<Role> parse(String text) {
    for (Role role : values()) {
      if (role.text().equals(text)) {
        return Optional.of(role);
      }
    }
    return Optional.empty();
  }
}
