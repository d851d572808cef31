-- Alerts, whom they were told to and what muted them. Every table begins its key with `trail`; times are microseconds since the epoch (`_us`). Bodies are JSON as text: jsonb would change
-- numbers and refuse an escaped U+0000. One process per trail writes here at a time: it names its lease's epoch in every transaction.

-- How far the findings of a partition have been turned into alerts.
CREATE TABLE alert_cursor (
  trail     integer NOT NULL,
  partition integer NOT NULL,
  number    bigint  NOT NULL,
  PRIMARY KEY (trail, partition)
) WITH (fillfactor = 50);

-- An alert as it stands; one row per set of labels, whatever became of it.
CREATE TABLE alert (
  trail       integer NOT NULL,
  fingerprint text    NOT NULL,
  state       text    NOT NULL CHECK (state IN ('firing', 'acknowledged', 'resolved')),
  starts_us   bigint  NOT NULL,
  ends_us     bigint  NOT NULL, -- 0 while it holds
  updated_us  bigint  NOT NULL,
  settled     boolean NOT NULL, -- resolved, and every group has dealt with it
  json        text    NOT NULL,
  PRIMARY KEY (trail, fingerprint)
);
CREATE INDEX alert_unsettled ON alert (trail) WHERE NOT settled;
CREATE INDEX alert_updated ON alert (trail, updated_us);

-- Its history: every publication of the topic `alerts`, kept longer than the topic.
CREATE TABLE alert_change (
  trail       integer NOT NULL,
  n           bigint  NOT NULL, -- offset on the topic `alerts`
  fingerprint text    NOT NULL,
  kind        text    NOT NULL,
  actor       text    NOT NULL,
  at_us       bigint  NOT NULL,
  json        text    NOT NULL,
  PRIMARY KEY (trail, n)
);
CREATE INDEX alert_change_fingerprint ON alert_change (trail, fingerprint, n);
CREATE INDEX alert_change_at ON alert_change (trail, at_us);

-- Alerts posted from outside wait here until the owner takes them: deleted in the transaction that makes them alerts.
CREATE TABLE alert_inbox (
  trail integer NOT NULL,
  id    bigint  NOT NULL GENERATED ALWAYS AS IDENTITY,
  at_us bigint  NOT NULL,
  json  text    NOT NULL,
  PRIMARY KEY (trail, id)
);

-- Clocks and memory of a group: when to look at it next and what it has told whom.
CREATE TABLE alert_group (
  trail      integer NOT NULL,
  receiver   text    NOT NULL,
  key        text    NOT NULL,
  labels     text    NOT NULL,
  created_us bigint  NOT NULL,
  flush_us   bigint  NOT NULL, -- 0: nothing is due
  flushed_us bigint  NOT NULL, -- 0: never
  told       text    NOT NULL,
  PRIMARY KEY (trail, receiver, key)
);

CREATE TABLE silence (
  trail      integer NOT NULL,
  id         text    NOT NULL,
  starts_us  bigint  NOT NULL,
  ends_us    bigint  NOT NULL,
  updated_us bigint  NOT NULL,
  json       text    NOT NULL,
  PRIMARY KEY (trail, id)
);
CREATE INDEX silence_ends ON silence (trail, ends_us);

-- The outbox, and what became of it. pending -> sending -> sent | pending (again, at next_us) | failed. A row found `sending` by a new owner has an unknown outcome and is sent again as a
-- possible duplicate.
CREATE TABLE notification (
  trail        integer NOT NULL,
  id           text    NOT NULL, -- the idempotency key the receiver sees
  receiver     text    NOT NULL,
  integration  text    NOT NULL,
  group_key    text    NOT NULL,
  reason       text    NOT NULL,
  state        text    NOT NULL CHECK (state IN ('pending', 'sending', 'sent', 'failed')),
  attempt      integer NOT NULL DEFAULT 0,
  next_us      bigint  NOT NULL,
  created_us   bigint  NOT NULL,
  updated_us   bigint  NOT NULL,
  duplicate    text    NOT NULL DEFAULT '', -- why this may be, or have been, a second message; empty when it is not
  detail       text    NOT NULL DEFAULT '',
  provider_id  text    NOT NULL DEFAULT '',
  fingerprints text[]  NOT NULL,
  notice       text    NOT NULL,
  PRIMARY KEY (trail, id)
);
CREATE INDEX notification_open ON notification (trail, next_us) WHERE state IN ('pending', 'sending');
CREATE INDEX notification_created ON notification (trail, created_us);
CREATE INDEX notification_fingerprints ON notification USING gin (fingerprints);

GRANT SELECT ON alert_cursor, alert, alert_change, alert_group, silence, notification TO vedette_collector, vedette_analyzer, vedette_alert, vedette_edge;
GRANT SELECT, INSERT, UPDATE, DELETE ON alert_cursor, alert, alert_change, alert_inbox, alert_group, silence, notification TO vedette_alert;
