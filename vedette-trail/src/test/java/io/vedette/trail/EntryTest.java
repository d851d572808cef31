package io.vedette.trail;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class EntryTest {
  private static final byte[] SALT = HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f");
  private static final byte[] RECORD = "{\"message\":\"hi\",\"v\":1}".getBytes(UTF_8);

  /** Golden values, made with sha256sum: this form is for ever. */
  @Test
  void theEntryIsTheFormByteAndTheHashOfSaltAndRecord() {
    EntryHasher hasher = new EntryHasher();
    byte[] entry = hasher.entry(SALT, RECORD);
    assertThat(HexFormat.of().formatHex(entry))
        .isEqualTo("0123ff51dab33c80b609239178a4d08b18f938261c5f976bfd37233c956c2db152");
    byte[] commitment = new byte[32];
    hasher.commit(SALT, RECORD, commitment, 0);
    assertThat(EntryHasher.entry(commitment, 0)).isEqualTo(entry);
    assertThat(HexFormat.of().formatHex(hasher.leafHashes(commitment)))
        .isEqualTo("e8392237c2a4dec6cf3ab839b6087b5a97baeb0c325714da59f674c635789f9f");
    assertThat(Hash.of(hasher.leafHashes(commitment))).isEqualTo(new TreeHasher().leaf(entry));
  }

  /** A salt of 17 bytes with a record one byte shorter would give the same entry. */
  @Test
  void aSaltOfAnotherLengthIsRefused() {
    assertThatThrownBy(() -> new EntryHasher().entry(new byte[17], RECORD))
        .hasMessage("salt: 17 bytes (expected: 16)");
  }

  @Test
  void bundlesPutLengthsBeforeEntries() {
    List<byte[]> entries = List.of(new byte[0], new byte[] {7}, new byte[EntryBundle.MAX_ENTRY]);
    byte[] bundle = EntryBundle.encode(entries);
    assertThat(bundle).startsWith(0, 0, 0, 1, 7, 0xff, 0xff).hasSize(6 + 1 + 0xffff);
    assertThat(EntryBundle.decode(bundle, 3)).usingRecursiveComparison().isEqualTo(entries);
    assertThatThrownBy(() -> EntryBundle.encode(List.of(new byte[0x10000])))
        .hasMessage("entry: 65536 bytes (expected: at most 65535)");
  }

  @Test
  void bundlesOfOtherWidthOrLengthAreRefused() {
    byte[] commitments = new byte[5 * 32];
    byte[] bundle = EntryBundle.encode(commitments, 1, 3);
    assertThat(EntryBundle.decode(bundle, 3))
        .allSatisfy(entry -> assertThat(entry).isEqualTo(EntryHasher.entry(commitments, 0)));
    assertThatThrownBy(() -> EntryBundle.decode(bundle, 2))
        .hasMessageContaining("35 bytes after entry 1");
    assertThatThrownBy(() -> EntryBundle.decode(bundle, 4))
        .hasMessageContaining("its end in entry 3 (expected: 4 entries)");
    for (int cut = 0; cut < bundle.length; cut++) {
      byte[] shorter = Arrays.copyOf(bundle, cut);
      assertThatThrownBy(() -> EntryBundle.decode(shorter, 3))
          .as("cut at %d", cut)
          .isInstanceOf(RefusedException.class);
    }
  }
}
