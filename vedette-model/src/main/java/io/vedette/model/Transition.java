package io.vedette.model;

/** What a finding says about its rule and key. */
public enum Transition {
  PENDING,
  FIRING,
  CLEARED
}
