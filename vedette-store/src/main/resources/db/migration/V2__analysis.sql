-- What the analyzer keeps. Every table begins its key with `trail`; times are microseconds since the epoch (`_us`).
-- Lock order: as in V1; rows of partitions in the order of their numbers, after the leases that fence them.

-- Rules in force: a revision holds from a batch on. The newest is the one in force.
CREATE TABLE rule_revision (
  trail       integer NOT NULL,
  revision    bigint  NOT NULL,
  valid_from  bigint  NOT NULL, -- number of the batch that holds its record; 0 only inside the transaction that makes it
  created_us  bigint  NOT NULL,
  author      text    NOT NULL,
  comment     text    NOT NULL,
  hash        text    NOT NULL, -- of the rules' content
  files       jsonb   NOT NULL, -- name to text
  PRIMARY KEY (trail, revision)
);

-- State of a partition after a batch: keys that are not quiet, and how far its findings are numbered.
CREATE TABLE analysis_partition (
  trail     integer NOT NULL,
  partition integer NOT NULL CHECK (partition BETWEEN 0 AND 63),
  batch     bigint  NOT NULL,
  at_us     bigint  NOT NULL,
  timeline  integer NOT NULL,
  findings  bigint  NOT NULL,
  state     bytea   NOT NULL,
  PRIMARY KEY (trail, partition)
) WITH (fillfactor = 30, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

-- Closed panes: what one owner closed between two stores, of all its partitions, one row per rule. See PaneBlock.
CREATE TABLE pane_block (
  trail      integer NOT NULL,
  id         bigint  GENERATED ALWAYS AS IDENTITY,
  rule       text    NOT NULL,
  rule_hash  text    NOT NULL,
  timeline   integer NOT NULL,
  pane_us    bigint  NOT NULL,
  from_us    bigint  NOT NULL, -- start of the oldest pane
  to_us      bigint  NOT NULL, -- end of the newest pane
  batch      bigint  NOT NULL,
  partitions bigint  NOT NULL, -- bit p is set when the block holds panes of partition p
  block      bytea   NOT NULL,
  PRIMARY KEY (trail, id)
);
ALTER TABLE pane_block ALTER COLUMN block SET STORAGE EXTERNAL; -- compressed already
CREATE INDEX pane_block_rule ON pane_block (trail, rule, to_us);
CREATE INDEX pane_block_hash ON pane_block (trail, rule_hash, to_us);
CREATE INDEX pane_block_age ON pane_block (trail, to_us);

CREATE TABLE finding (
  trail      integer NOT NULL,
  partition  integer NOT NULL,
  number     bigint  NOT NULL,
  revision   bigint  NOT NULL,
  rule       text    NOT NULL,
  key        text    NOT NULL,
  transition text    NOT NULL CHECK (transition IN ('pending', 'firing', 'cleared')),
  batch      bigint  NOT NULL,
  at_us      bigint  NOT NULL,
  body       bytea   NOT NULL, -- as published on topic `findings`
  PRIMARY KEY (trail, partition, number)
);
CREATE UNIQUE INDEX finding_once ON finding (trail, revision, rule, md5(key), batch, transition);
CREATE INDEX finding_at ON finding (trail, at_us);

GRANT SELECT ON rule_revision, analysis_partition, pane_block, finding TO vedette_collector, vedette_analyzer, vedette_alert, vedette_edge;
GRANT INSERT, UPDATE ON rule_revision, analysis_partition TO vedette_analyzer;
GRANT INSERT, DELETE ON pane_block, finding TO vedette_analyzer;
