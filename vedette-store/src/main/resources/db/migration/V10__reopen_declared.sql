-- What the key of an incarnation that ended said about the one that follows: a signed note, see Succession. Who remembers the former one goes by the signature, not by this row.
ALTER TABLE trail_incarnation ADD COLUMN declared text;
