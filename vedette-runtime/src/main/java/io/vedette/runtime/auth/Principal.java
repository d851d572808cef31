package io.vedette.runtime.auth;

import java.util.Set;

/**
 * Who is asking.
 *
 * @param trails numbers of the trails the principal may see
 * @param expiresUs when the token ends; {@link Long#MAX_VALUE} when it does not
 * @param tokenId identifies the token without being one; may be logged
 */
public record Principal(
    String name, Set<Role> roles, Set<Integer> trails, long expiresUs, String tokenId) {
  public static final long NEVER = Long.MAX_VALUE;

  public Principal {
    roles = Set.copyOf(roles);
    trails = Set.copyOf(trails);
  }

  public boolean allows(Role needed) {
    return roles.stream().anyMatch(role -> role.allows(needed));
  }

  public boolean maySee(int trail) {
    return trails.contains(trail);
  }

  public boolean expiredAt(long nowUs) {
    return expiresUs <= nowUs;
  }
}
