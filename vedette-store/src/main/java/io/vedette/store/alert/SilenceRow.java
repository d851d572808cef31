package io.vedette.store.alert;

/** A silence as stored; {@code json} is as the Alertmanager API shows it, without the status that depends on the time. */
public record SilenceRow(
    int trail, String id, long startsUs, long endsUs, long updatedUs, String json) {
  public String state(long nowUs) {
    return nowUs >= endsUs ? "expired" : nowUs < startsUs ? "pending" : "active";
  }
}
