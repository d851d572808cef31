package io.vedette.trail;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NoteTest {
  // Go's golang.org/x/mod/sumdb/note: package documentation and note_test.go.
  private static final String PETER =
      "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
  private static final String PETER_SECRET =
      "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
  private static final String PETER_LINE =
      "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
  private static final String ENOCH =
      "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
  private static final String ENOCH_LINE =
      "\u2014 EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";
  private static final String TEXT =
      "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";

  private static final NoteVerifier PETER_KEY = NoteVerifier.parse(PETER);
  private static final NoteVerifier ENOCH_KEY = NoteVerifier.parse(ENOCH);

  @Test
  void signsTheGoExampleByteForByte() {
    NoteSigner signer = NoteSigner.parse(PETER_SECRET);
    assertThat(signer.verifier().vkey()).isEqualTo(PETER);
    assertThat(signer.secret()).isEqualTo(PETER_SECRET);
    assertThat(Note.sign(TEXT, List.of(signer))).hasToString(TEXT + "\n" + PETER_LINE);
  }

  @Test
  void theKeyOfAZeroSeedIsEnochRoots() {
    NoteSigner signer = NoteSigner.ofSeed("EnochRoot", new byte[32]);
    assertThat(signer.verifier().vkey()).isEqualTo(ENOCH);
    Note both = Note.sign(TEXT, List.of(NoteSigner.parse(PETER_SECRET))).with(signer);
    assertThat(both).hasToString(TEXT + "\n" + PETER_LINE + ENOCH_LINE);
  }

  /** The example of C2SP signed-note, section "Verifier keys". */
  @Test
  void verifiesTheExampleOfTheSpecification() {
    NoteVerifier key =
        NoteVerifier.parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
    Note note = note(
        "This is an example message.\n\n\u2014 example.com/foo"
            + " Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n");
    assertThat(note.verify(List.of(key))).containsExactly(key);
    assertThat(note.text()).isEqualTo("This is an example message.\n");
  }

  @Test
  void unknownSignaturesAreIgnoredAndKnownOnesMustVerify() {
    Note both = note(TEXT + "\n" + PETER_LINE + ENOCH_LINE);
    assertThat(both.verify(List.of(PETER_KEY))).containsExactly(PETER_KEY);
    assertThat(both.verify(List.of(ENOCH_KEY, PETER_KEY))).containsExactly(PETER_KEY, ENOCH_KEY);
    Note forged = note(TEXT + "\n" + PETER_LINE + ENOCH_LINE.replace("+QQ=", "+QU="));
    assertThat(forged.verify(List.of(PETER_KEY))).containsExactly(PETER_KEY);
    assertThatThrownBy(() -> forged.verify(List.of(PETER_KEY, ENOCH_KEY)))
        .isInstanceOfSatisfying(RefusedException.class, e -> assertThat(e.reason())
            .isEqualTo(RefusedException.Reason.UNTRUSTED))
        .hasMessageContaining("EnochRoot that does not verify");
    assertThatThrownBy(() -> note(TEXT + "\n" + PETER_LINE).verify(List.of(ENOCH_KEY)))
        .hasMessageContaining("PeterNeumann+c74f20a3")
        .hasMessageContaining(ENOCH);
    // same name and another id, same id and another name: both unknown
    assertThatThrownBy(() ->
            note(TEXT + "\n" + PETER_LINE.replace("x08go", "x08gp")).verify(List.of(PETER_KEY)))
        .isInstanceOf(RefusedException.class);
    assertThatThrownBy(() ->
            note(TEXT + "\n" + PETER_LINE.replace("Peter", "Petra")).verify(List.of(PETER_KEY)))
        .isInstanceOf(RefusedException.class);
  }

  @Test
  void aChangedTextDoesNotVerify() {
    assertThatThrownBy(() ->
            note(TEXT.replace("answer", "Answer") + "\n" + PETER_LINE).verify(List.of(PETER_KEY)))
        .hasMessageContaining("does not verify");
  }

  @Test
  void theTextMayContainEmptyLines() {
    NoteSigner signer = NoteSigner.ofSeed("a.example", new byte[32]);
    Note note = Note.sign("one\n\n\ntwo\n\n", List.of(signer));
    assertThat(Note.parse(note.toBytes()).text()).isEqualTo("one\n\n\ntwo\n\n");
    assertThat(Note.parse(note.toBytes()).verify(List.of(signer.verifier()))).hasSize(1);
  }

  @Test
  void sixteenAndMoreSignaturesAreRead() {
    String line = PETER_LINE.replace("PeterNeumann", "other");
    assertThat(note(TEXT + "\n" + line.repeat(99) + PETER_LINE).verify(List.of(PETER_KEY)))
        .hasSize(1);
    assertThatThrownBy(() -> note(TEXT + "\n" + line.repeat(100) + PETER_LINE))
        .hasMessageContaining("101 signatures");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "text\n",
        "text\n\n",
        "text\n\n\n",
        "text\n\u2014 PeterNeumann x08go/ZJkg==\n",
        "text\n\n\u2014 PeterNeumann x08go/ZJkg==",
        "text\n\n\u2014 PeterNeumann x08gow==\n",
        "text\n\n\u2014 PeterNeumann x08go/ZJkg\n",
        "text\n\n\u2014 PeterNeumann x08go/ZJkh==\n",
        "text\n\n\u2014 PeterNeumann  x08go/ZJkg==\n",
        "text\n\n\u2014 PeterNeumann x08go/ZJkg== \n",
        "text\n\n\u2014  x08go/ZJkg==\n",
        "text\n\n\u2014 Peter+Neumann x08go/ZJkg==\n",
        "text\n\n\u2014 Peter\u00a0Neumann x08go/ZJkg==\n",
        "text\n\n\u2014 Peter\u0085Neumann x08go/ZJkg==\n",
        "text\n\n\u2014 Peter\u3000Neumann x08go/ZJkg==\n",
        "text\n\n- PeterNeumann x08go/ZJkg==\n",
        "text\n\n\u2014 PeterNeumann x08go/ZJkg==\n\u2014 \n",
        "te\txt\n\n\u2014 PeterNeumann x08go/ZJkg==\n",
        "te\rxt\r\n\n\u2014 PeterNeumann x08go/ZJkg==\n",
        "te\u0000xt\n\n\u2014 PeterNeumann x08go/ZJkg==\n"
      })
  void malformedNotesAreRefused(String note) {
    assertThatThrownBy(() -> note(note))
        .isInstanceOfSatisfying(RefusedException.class, e -> assertThat(e.reason())
            .isEqualTo(RefusedException.Reason.MALFORMED))
        .hasMessageContaining("(expected: ");
  }

  @Test
  void bytesThatAreNotUtf8AreRefused() {
    byte[] bytes = (TEXT + "\n" + PETER_LINE).getBytes(UTF_8);
    bytes[3] = (byte) 0xff;
    assertThatThrownBy(() -> Note.parse(bytes))
        .hasMessage("note: " + bytes.length + " bytes that are not UTF-8 (expected: valid UTF-8)");
    assertThatThrownBy(() -> Note.sign("\ud800\n", List.of(NoteSigner.parse(PETER_SECRET))))
        .isInstanceOf(RefusedException.class);
    assertThatThrownBy(() -> Note.parse(new byte[Note.MAX_BYTES + 1]))
        .isInstanceOf(RefusedException.class);
  }

  /** The manglings of Go's TestNewVerifier: every proper substring, every byte raised by one; and its two adjusted keys. */
  @Test
  void mangledVkeysAreRefused() {
    mangled(PETER).forEach(vkey -> assertThatThrownBy(() -> NoteVerifier.parse(vkey))
        .as(vkey)
        .isInstanceOf(RefusedException.class));
    assertThatThrownBy(() -> NoteVerifier.parse(
            "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY=="))
        .isInstanceOf(RefusedException.class);
    assertThatThrownBy(() -> NoteVerifier.parse(
            "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"))
        .hasMessage("vkey: 33 bytes of type 101 (expected: 33 bytes of type 1, Ed25519)");
  }

  /** The manglings of Go's TestNewSigner. */
  @Test
  void mangledPrivateKeysAreRefusedWithoutRepeatingThem() {
    for (String secret : mangled(PETER_SECRET)) {
      assertThatThrownBy(() -> NoteSigner.parse(secret))
          .as(secret)
          .isInstanceOf(RefusedException.class)
          .hasMessageNotContaining("EKFALVFGyN")
          .hasNoCause();
    }
    assertThat(NoteSigner.parse(PETER_SECRET)).hasToString("signer of " + PETER);
  }

  @Test
  void generatedKeysDifferAndSurviveTheirTextForm() {
    NoteSigner one = NoteSigner.generate("vedette.invalid/0123456789abcdef");
    assertThat(NoteSigner.generate(one.name()).secret()).isNotEqualTo(one.secret());
    Note note = Note.sign("x\n", List.of(NoteSigner.parse(one.secret())));
    assertThat(note.verify(List.of(NoteVerifier.parse(one.verifier().vkey()))))
        .containsExactly(one.verifier());
    assertThatThrownBy(() -> NoteSigner.generate("two words")).hasMessageContaining("two words");
  }

  private static List<String> mangled(String key) {
    List<String> mangled = new ArrayList<>();
    for (int i = 0; i < key.length(); i++) {
      mangled.add(key.substring(0, i));
      mangled.add(key.substring(i + 1));
      mangled.add(key.substring(0, i) + (char) (key.charAt(i) + 1) + key.substring(i + 1));
    }
    return mangled;
  }

  private static Note note(String note) {
    return Note.parse(note.getBytes(UTF_8));
  }
}
