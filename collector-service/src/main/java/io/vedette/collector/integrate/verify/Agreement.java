package io.vedette.collector.integrate.verify;

import io.vedette.collector.integrate.verify.StoredTrail.Entries;
import io.vedette.trail.verify.FaultException;
import io.vedette.trail.verify.LogKey;
import io.vedette.trail.verify.LogVerifier;
import io.vedette.trail.verify.SignedCheckpoint;
import io.vedette.trail.verify.Verdict;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** How much of what was signed is still there: for a trail that was put back or shortened. Blocks; reads every entry up to the greatest checkpoint that the entries left can be held against. */
public final class Agreement {
  private static final int PAGE = 4_096;

  private Agreement() {}

  /**
   * The greatest size of a signed checkpoint that the entries lead to, 0 where there is none.
   *
   * @param notes checkpoints signed before; one that no key signed, or of another origin, says nothing
   */
  public static long upTo(StoredTrail trail, String origin, List<LogKey> keys, List<byte[]> notes)
      throws SQLException {
    long left = trail.entriesLeft();
    List<SignedCheckpoint> signed = new ArrayList<>();
    for (byte[] note : notes) {
      opened(note, origin, keys).filter(it -> it.size() <= left).ifPresent(signed::add);
    }
    signed.sort(Comparator.comparingLong(SignedCheckpoint::size));
    if (signed.isEmpty()) {
      return 0;
    }
    SignedCheckpoint greatest = signed.get(signed.size() - 1);
    LogVerifier.Setup setup = LogVerifier.against(greatest);
    signed.subList(0, signed.size() - 1).forEach(setup::earlier);
    try (LogVerifier verifier = setup.start()) {
      boolean goOn = true;
      while (goOn && verifier.next() < verifier.size()) {
        Entries entries =
            trail.entries(verifier.next(), (int) Math.min(PAGE, verifier.size() - verifier.next()));
        goOn = entries.count() > 0;
        for (int i = 0; i < entries.count() && goOn; i++) {
          goOn = verifier.add(LogVerifier.entry(entries.commitments(), i));
        }
      }
      Verdict verdict = verifier.finish();
      // Without tiles a fault of the tree begins where the last root agreed.
      return verdict.ok() ? greatest.size() : verdict.checked();
    }
  }

  private static Optional<SignedCheckpoint> opened(byte[] note, String origin, List<LogKey> keys) {
    try {
      return Optional.of(SignedCheckpoint.open(note, origin, keys));
    } catch (FaultException unproven) {
      return Optional.empty(); // nothing that was signed
    }
  }
}
