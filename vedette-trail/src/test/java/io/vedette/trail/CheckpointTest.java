package io.vedette.trail;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {
  private static final NoteSigner KEY = NoteSigner.ofSeed("example.com/log", new byte[32]);

  /** The example of C2SP tlog-checkpoint. */
  @Test
  void readsTheExampleOfTheSpecification() {
    String example =
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
            + "\u2014 example.com/behind-the-sofa"
            + " Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
    Note note = Note.parse(example.getBytes(UTF_8));
    Checkpoint checkpoint = Checkpoint.parse(note.text());
    assertThat(checkpoint)
        .isEqualTo(new Checkpoint(
            "example.com/behind-the-sofa",
            20852163,
            Hash.parse("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")));
    assertThat(checkpoint.text()).isEqualTo(note.text());
    assertThat(note).hasToString(example);
  }

  @Test
  void opensWhatItsKeySignedForItsOrigin() {
    Checkpoint checkpoint =
        new Checkpoint("example.com/log", 7, TreeHasher.EMPTY_ROOT, List.of("more"));
    NoteSigner next = NoteSigner.ofSeed("example.com/log", TreeHasher.EMPTY_ROOT.toBytes());
    byte[] note = checkpoint.sign(List.of(KEY, next)).toBytes();
    assertThat(Checkpoint.open(note, "example.com/log", List.of(KEY.verifier())))
        .isEqualTo(checkpoint);
    assertThat(Checkpoint.open(note, "example.com/log", List.of(next.verifier())))
        .isEqualTo(checkpoint);
    assertThatThrownBy(() -> Checkpoint.open(note, "example.com/other", List.of(KEY.verifier())))
        .hasMessage("checkpoint: origin example.com/log (expected: origin example.com/other)");
    NoteSigner stranger = NoteSigner.ofSeed("example.com/stranger", new byte[32]);
    assertThatThrownBy(() -> Checkpoint.open(note, "example.com/log", List.of(stranger.verifier())))
        .isInstanceOfSatisfying(RefusedException.class, e -> assertThat(e.reason())
            .isEqualTo(RefusedException.Reason.UNTRUSTED));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\n",
        "log\n7\n",
        "log\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        "\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "log\n07\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "log\n-7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "log\n+7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "log\n7 \n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "log\n\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "log\n9223372036854775808\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "log\n99999999999999999999\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "log\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU\n",
        "log\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\n",
        "log\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hS\n",
        "log\n7\n47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "log\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n",
        "log\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\nmore\n"
      })
  void malformedCheckpointsAreRefused(String text) {
    assertThatThrownBy(() -> Checkpoint.parse(text))
        .isInstanceOfSatisfying(RefusedException.class, e -> assertThat(e.reason())
            .isEqualTo(RefusedException.Reason.MALFORMED))
        .hasMessageContaining("(expected: ");
  }
}
