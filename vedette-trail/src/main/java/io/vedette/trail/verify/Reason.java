package io.vedette.trail.verify;

/** What is wrong with a log; a closed set, fit for a metric's tag. */
public enum Reason {
  /** A record and its salt do not give the entry that commits to them. */
  PAYLOAD,
  /** A record is gone and nothing excuses it. */
  PAYLOAD_MISSING,
  /** An entry is not the one the signed tree has at this index, or has no known form. */
  ENTRY,
  /** A stored tile is absent or wrong, while the entries lead to the signed root. */
  TILE,
  /** The entries do not lead to the signed root, and the stored tiles do not tell which of them is wrong. */
  TREE,
  /** The log ends, or a bundle is absent, before the size that was signed. */
  MISSING,
  /** A checkpoint or a proof is malformed, or of another log. */
  CHECKPOINT,
  /** No known key signed the checkpoint, or its signature does not verify. */
  SIGNATURE,
  /** The log does not begin with what it once committed to: history was changed or rolled back. */
  EARLIER_CHECKPOINT,
  /** The hashes of a proof do not lead to the signed root. */
  PROOF,
  /** A time stored beside a record, by which it is found, is not the one that the record states. */
  TIME
}
