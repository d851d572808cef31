-- The trail and its neighbours. Every table of the trail begins its key with `trail`; times are microseconds since the epoch (`_us`).
-- The services' roles may read; whatever they change of the trail goes through the functions below, which belong to the schema's owner.
-- Lock order, for every transaction: a service's own rows, then topic_head (publish), then trail_head (append, always last).

DO $$
DECLARE
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['vedette_collector', 'vedette_analyzer', 'vedette_alert', 'vedette_edge'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
      EXCEPTION
        WHEN duplicate_object OR unique_violation THEN NULL; -- another database of this server was migrated at the same moment
        WHEN insufficient_privilege THEN
          RAISE EXCEPTION 'role % is missing and % may not create it (run: vedette db init ADMIN_URL)', wanted, current_user;
      END;
    END IF;
  END LOOP;
END
$$;

-- The one clock of everything that is leased, appended or expired. Tests replace it.
CREATE FUNCTION clock_us() RETURNS bigint LANGUAGE sql VOLATILE AS
$$ SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint $$;

-- ---------------------------------------------------------------------------------------------------------------- trail

-- One row per trail: the sequencer. Updated by every append, so it has room to stay on its page.
CREATE TABLE trail_head (
  trail          integer PRIMARY KEY,
  epoch          text    NOT NULL, -- the incarnation, 16 hex
  origin         text    NOT NULL,
  size           bigint  NOT NULL DEFAULT 0,
  batch          bigint  NOT NULL DEFAULT 0,
  at_us          bigint  NOT NULL DEFAULT 0,
  timeline       integer NOT NULL DEFAULT 1,
  min_index      bigint  NOT NULL DEFAULT 0, -- no payload is kept below
  partition_size bigint  NOT NULL CHECK (partition_size BETWEEN 16 AND 1073741824),
  created_us     bigint  NOT NULL
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- What one append wrote, and the entries of its records. Never changed, never deleted: without them nothing could be proven.
CREATE TABLE trail_batch (
  trail         integer NOT NULL,
  number        bigint  NOT NULL,
  first_index   bigint  NOT NULL,
  count         integer NOT NULL,
  at_us         bigint  NOT NULL,
  timeline      integer NOT NULL,
  seq           bigint  NOT NULL,
  appender      uuid    NOT NULL,
  wall_us       bigint  NOT NULL, -- database clock at the append
  first_time_us bigint,           -- event times of its records, null without records
  last_time_us  bigint,
  bytes         bigint  NOT NULL, -- of canonical records and of the sample block
  sample_count  integer NOT NULL,
  epoch         text    NOT NULL,
  entries       bytea   NOT NULL, -- SHA-256(salt || record), 32 bytes each, in index order
  PRIMARY KEY (trail, number),
  UNIQUE (trail, appender, seq),
  CHECK (octet_length(entries) = 32 * count)
);
ALTER TABLE trail_batch ALTER COLUMN entries SET STORAGE EXTERNAL; -- hashes do not compress
CREATE INDEX trail_batch_index ON trail_batch (trail, first_index, number);
CREATE INDEX trail_batch_at ON trail_batch USING brin (at_us) WITH (autosummarize = on);
CREATE INDEX trail_batch_time ON trail_batch USING brin (first_time_us, last_time_us) WITH (autosummarize = on);

-- Payloads. Record and salt lie in one row and go together. First by retention class, below that by index.
CREATE TABLE record (
  index           bigint   NOT NULL,
  time_us         bigint   NOT NULL,
  trail           integer  NOT NULL,
  retention_class smallint NOT NULL,
  salt            bytea    NOT NULL CHECK (octet_length(salt) = 16),
  canonical       bytea    NOT NULL CHECK (octet_length(canonical) BETWEEN 2 AND 16777216),
  PRIMARY KEY (trail, index, retention_class)
) PARTITION BY LIST (retention_class);
CREATE INDEX record_time ON record USING brin (time_us) WITH (pages_per_range = 32, autosummarize = on);

-- Partitions of record and what they hold. Bounds of event times may be wider than the records', never narrower. A dropped partition keeps its row: it says why its entries have no payload.
CREATE TABLE record_partition (
  trail           integer  NOT NULL,
  retention_class smallint NOT NULL,
  n               bigint   NOT NULL,
  first_index     bigint   NOT NULL,
  end_index       bigint   NOT NULL,
  first_time_us   bigint,
  last_time_us    bigint,
  first_at_us     bigint,
  last_at_us      bigint,
  dropped_us      bigint,
  PRIMARY KEY (trail, retention_class, n)
) WITH (fillfactor = 50);

-- Samples of a batch, one compressed block. Kept for replay only.
CREATE TABLE sample_block (
  trail integer NOT NULL,
  batch bigint  NOT NULL,
  at_us bigint  NOT NULL,
  count integer NOT NULL,
  block bytea   NOT NULL,
  PRIMARY KEY (trail, batch)
);
ALTER TABLE sample_block ALTER COLUMN block SET STORAGE EXTERNAL;

-- How far a source was read: `position` is the source's own word for it, `sequence` the number of its records so far.
CREATE TABLE source_cursor (
  trail      integer NOT NULL,
  source     text    NOT NULL,
  position   text,
  sequence   bigint  NOT NULL,
  updated_us bigint  NOT NULL,
  PRIMARY KEY (trail, source)
) WITH (fillfactor = 50);

-- How much of a request under an Idempotency-Key was appended, and the hash of that much of its body.
CREATE TABLE idempotency (
  trail       integer NOT NULL,
  principal   text    NOT NULL,
  key         text    NOT NULL,
  done        bigint  NOT NULL,
  prefix_hash bytea   NOT NULL,
  updated_us  bigint  NOT NULL,
  PRIMARY KEY (trail, principal, key)
) WITH (fillfactor = 50);
CREATE INDEX idempotency_updated ON idempotency (trail, updated_us);

-- What could not be decoded, or what the database refused, with the reason.
CREATE TABLE quarantine (
  trail         integer NOT NULL,
  id            bigint  GENERATED ALWAYS AS IDENTITY,
  at_us         bigint  NOT NULL,
  source        text    NOT NULL,
  sequence      bigint,           -- where it had one already
  reason        text    NOT NULL,
  detail        text    NOT NULL,
  payload_bytes bigint  NOT NULL, -- as received
  payload       bytea   NOT NULL, -- at most 64 KiB of it
  PRIMARY KEY (trail, id)
);
CREATE INDEX quarantine_at ON quarantine (trail, at_us);

-- Integrator's output. A partial tile is the beginning of a wider one, so only the widest is kept.
CREATE TABLE tile (
  trail  integer  NOT NULL,
  level  smallint NOT NULL,
  n      bigint   NOT NULL,
  width  integer  NOT NULL CHECK (width BETWEEN 1 AND 256),
  hashes bytea    NOT NULL,
  PRIMARY KEY (trail, level, n),
  CHECK (octet_length(hashes) = 32 * width)
);
ALTER TABLE tile ALTER COLUMN hashes SET STORAGE EXTERNAL;

CREATE TABLE checkpoint (
  trail integer NOT NULL,
  epoch text    NOT NULL,
  size  bigint  NOT NULL,
  root  bytea   NOT NULL CHECK (octet_length(root) = 32),
  note  text    NOT NULL, -- the signed note
  at_us bigint  NOT NULL,
  PRIMARY KEY (trail, epoch, size)
);

-- ----------------------------------------------------------------------------------------------------------- neighbours

-- Whatever needs one owner. An empty owner means: handed over, free at once.
CREATE TABLE lease (
  trail    integer NOT NULL,
  kind     text    NOT NULL,
  name     text    NOT NULL,
  owner    text    NOT NULL,
  epoch    bigint  NOT NULL,
  until_us bigint  NOT NULL,
  PRIMARY KEY (trail, kind, name)
) WITH (fillfactor = 30, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

CREATE TABLE node (
  id         text    PRIMARY KEY,
  services   text[]  NOT NULL,
  version    text    NOT NULL,
  host       text    NOT NULL,
  bus_port   integer NOT NULL,
  started_us bigint  NOT NULL,
  alive_us   bigint  NOT NULL,
  info       jsonb   NOT NULL
) WITH (fillfactor = 30, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

CREATE TABLE token (
  id         text      PRIMARY KEY,
  hash       bytea     NOT NULL UNIQUE, -- SHA-256 of the secret, which has 256 random bits
  name       text      NOT NULL,
  roles      text[]    NOT NULL,
  trails     integer[] NOT NULL,
  created_us bigint    NOT NULL,
  expires_us bigint    NOT NULL,
  revoked_us bigint
);

-- Ordered topics other than `records`.
CREATE TABLE topic_head (
  trail integer NOT NULL,
  topic text    NOT NULL,
  n     bigint  NOT NULL,
  PRIMARY KEY (trail, topic)
) WITH (fillfactor = 30);

CREATE TABLE publication (
  trail integer NOT NULL,
  topic text    NOT NULL,
  n     bigint  NOT NULL,
  epoch text    NOT NULL,
  at_us bigint  NOT NULL,
  json  bytea   NOT NULL,
  PRIMARY KEY (trail, topic, n)
);
CREATE INDEX publication_at ON publication (trail, at_us);

-- ------------------------------------------------------------------------------------------------------------ functions

-- First start of a trail; later it changes nothing.
CREATE FUNCTION open_trail(p_trail integer, p_epoch text, p_origin text, p_partition_size bigint)
RETURNS TABLE (epoch text, origin text, partition_size bigint, min_index bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vedette, pg_temp AS
$$
#variable_conflict use_column
BEGIN
  INSERT INTO trail_head (trail, epoch, origin, partition_size, created_us)
    SELECT p_trail, p_epoch, p_origin, p_partition_size, clock_us()
    WHERE NOT EXISTS (SELECT FROM trail_head h WHERE h.trail = p_trail)
    ON CONFLICT DO NOTHING;
  RETURN QUERY SELECT h.epoch, h.origin, h.partition_size, h.min_index FROM trail_head h WHERE h.trail = p_trail;
END
$$;

-- Creates partition n of a class, attached without blocking readers. The caller holds the head of the trail.
CREATE FUNCTION create_record_partition(p_trail integer, p_class smallint, p_n bigint, p_size bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vedette, pg_temp AS
$$
DECLARE
  v_class text := format('record_c%s', p_class);
  v_part  text := format('record_c%s_t%s_p%s', p_class, p_trail, p_n);
BEGIN
  PERFORM pg_advisory_xact_lock(8315161563); -- two trails may come here at once
  IF EXISTS (SELECT FROM record_partition p WHERE p.trail = p_trail AND p.retention_class = p_class AND p.n = p_n) THEN
    RETURN;
  END IF;
  IF to_regclass(format('vedette.%I', v_class)) IS NULL THEN
    EXECUTE format('CREATE TABLE %I (LIKE record INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE) PARTITION BY RANGE (trail, index)', v_class);
    EXECUTE format('ALTER TABLE record ATTACH PARTITION %I FOR VALUES IN (%s)', v_class, p_class);
  END IF;
  EXECUTE format('CREATE TABLE %I (LIKE record INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)', v_part);
  EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s, %s) TO (%s, %s)',
    v_class, v_part, p_trail, p_n * p_size, p_trail, (p_n + 1) * p_size);
  INSERT INTO record_partition (trail, retention_class, n, first_index, end_index)
    VALUES (p_trail, p_class, p_n, p_n * p_size, (p_n + 1) * p_size);
END
$$;

-- Creates the partition that follows the current one, for each class in use, so that no append has to.
CREATE FUNCTION create_partitions_ahead(p_trail integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vedette, pg_temp AS
$$
DECLARE
  h trail_head;
  v_class smallint;
  v_created integer := 0;
BEGIN
  SELECT * INTO h FROM trail_head WHERE trail = p_trail FOR NO KEY UPDATE;
  FOR v_class IN
    SELECT DISTINCT p.retention_class FROM record_partition p
    WHERE p.trail = p_trail AND p.n >= h.size / h.partition_size
      AND NOT EXISTS (SELECT FROM record_partition f
        WHERE f.trail = p.trail AND f.retention_class = p.retention_class AND f.n = h.size / h.partition_size + 1)
  LOOP
    PERFORM create_record_partition(p_trail, v_class, h.size / h.partition_size + 1, h.partition_size);
    v_created := v_created + 1;
  END LOOP;
  RETURN v_created;
END
$$;

-- The append: all or nothing in one call. See Appender for the outcomes.
CREATE FUNCTION append(
  p_trail integer, p_appender uuid, p_seq bigint, p_clock_us bigint, p_new_timeline boolean,
  p_canonical bytea[], p_salt bytea[], p_time_us bigint[], p_entries bytea, p_bytes bigint,
  p_classes smallint[], p_class smallint[],
  p_samples bytea, p_sample_count integer,
  p_source text[], p_from text[], p_to text[], p_from_sequence bigint[], p_to_sequence bigint[],
  p_principal text[], p_key text[], p_from_done bigint[], p_to_done bigint[], p_prefix_hash bytea[])
RETURNS TABLE (
  outcome text, epoch text, number bigint, first_index bigint, count integer, at_us bigint, timeline integer,
  name text, key text, "position" text, sequence bigint, hash bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vedette, pg_temp AS
$$
#variable_conflict use_column
DECLARE
  h            trail_head;
  b            trail_batch;
  v_now        bigint;
  v_at         bigint;
  v_timeline   integer;
  v_count      integer := coalesce(cardinality(p_canonical), 0);
  v_first_time bigint;
  v_last_time  bigint;
  v_class      smallint;
  v_n          bigint;
BEGIN
  SELECT * INTO h FROM trail_head t WHERE t.trail = p_trail FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    outcome := 'missing';
    RETURN NEXT;
    RETURN;
  END IF;

  SELECT * INTO b FROM trail_batch t WHERE t.trail = p_trail AND t.appender = p_appender AND t.seq = p_seq;
  IF FOUND THEN
    outcome := 'repeated'; epoch := b.epoch; number := b.number; first_index := b.first_index; count := b.count;
    at_us := b.at_us; timeline := b.timeline;
    RETURN NEXT;
    RETURN;
  END IF;

  -- The clock that counts is the database's: one appender with a slow clock rewinds nobody.
  v_now := clock_us();
  v_timeline := h.timeline;
  v_at := greatest(h.at_us, least(v_now, p_clock_us));
  IF v_now < h.at_us - 10000000 THEN
    IF NOT p_new_timeline THEN
      outcome := 'clock'; at_us := h.at_us; sequence := v_now;
      RETURN NEXT;
      RETURN;
    END IF;
    v_timeline := h.timeline + 1;
    v_at := least(v_now, p_clock_us);
  END IF;

  IF cardinality(p_source) > 0 THEN
    SELECT m.source, c.position, coalesce(c.sequence, 0) INTO name, position, sequence
      FROM unnest(p_source, p_from, p_from_sequence) AS m (source, position, sequence)
      LEFT JOIN source_cursor c ON c.trail = p_trail AND c.source = m.source
      WHERE c.position IS DISTINCT FROM m.position OR coalesce(c.sequence, 0) <> m.sequence
      LIMIT 1;
    IF FOUND THEN
      outcome := 'cursor';
      RETURN NEXT;
      RETURN;
    END IF;
  END IF;
  IF cardinality(p_key) > 0 THEN
    SELECT m.principal, m.key, coalesce(i.done, 0), i.prefix_hash INTO name, key, sequence, hash
      FROM unnest(p_principal, p_key, p_from_done) AS m (principal, key, done)
      LEFT JOIN idempotency i ON i.trail = p_trail AND i.principal = m.principal AND i.key = m.key
      WHERE coalesce(i.done, 0) <> m.done
      LIMIT 1;
    IF FOUND THEN
      outcome := 'idempotency';
      RETURN NEXT;
      RETURN;
    END IF;
    INSERT INTO idempotency AS i (trail, principal, key, done, prefix_hash, updated_us)
      SELECT p_trail, m.principal, m.key, m.done, m.hash, v_now
      FROM unnest(p_principal, p_key, p_to_done, p_prefix_hash) AS m (principal, key, done, hash)
      ON CONFLICT (trail, principal, key) DO UPDATE
      SET done = excluded.done, prefix_hash = excluded.prefix_hash, updated_us = excluded.updated_us;
  END IF;
  IF cardinality(p_source) > 0 THEN
    INSERT INTO source_cursor AS c (trail, source, position, sequence, updated_us)
      SELECT p_trail, m.source, m.position, m.sequence, v_now
      FROM unnest(p_source, p_to, p_to_sequence) AS m (source, position, sequence)
      ON CONFLICT (trail, source) DO UPDATE
      SET position = excluded.position, sequence = excluded.sequence, updated_us = excluded.updated_us;
  END IF;

  IF v_count > 0 THEN
    SELECT min(t), max(t) INTO v_first_time, v_last_time FROM unnest(p_time_us) AS t;
    FOR v_n IN h.size / h.partition_size .. (h.size + v_count - 1) / h.partition_size LOOP
      FOREACH v_class IN ARRAY p_classes LOOP
        LOOP
          UPDATE record_partition p
            SET first_time_us = least(p.first_time_us, v_first_time), last_time_us = greatest(p.last_time_us, v_last_time),
                first_at_us = least(p.first_at_us, v_at), last_at_us = greatest(p.last_at_us, v_at)
            WHERE p.trail = p_trail AND p.retention_class = v_class AND p.n = v_n;
          EXIT WHEN FOUND;
          PERFORM create_record_partition(p_trail, v_class, v_n, h.partition_size);
        END LOOP;
      END LOOP;
    END LOOP;
    IF cardinality(p_classes) = 1 THEN
      INSERT INTO record (index, time_us, trail, retention_class, salt, canonical)
        SELECT h.size + r.o - 1, r.t, p_trail, p_classes[1], r.s, r.c
        FROM unnest(p_time_us, p_salt, p_canonical) WITH ORDINALITY AS r (t, s, c, o);
    ELSE
      INSERT INTO record (index, time_us, trail, retention_class, salt, canonical)
        SELECT h.size + r.o - 1, r.t, p_trail, r.k, r.s, r.c
        FROM unnest(p_time_us, p_salt, p_canonical, p_class) WITH ORDINALITY AS r (t, s, c, k, o);
    END IF;
  END IF;

  INSERT INTO trail_batch (trail, number, first_index, count, at_us, timeline, seq, appender, wall_us,
      first_time_us, last_time_us, bytes, sample_count, epoch, entries)
    VALUES (p_trail, h.batch + 1, h.size, v_count, v_at, v_timeline, p_seq, p_appender, v_now,
      v_first_time, v_last_time, p_bytes, p_sample_count, h.epoch, p_entries);
  IF p_sample_count > 0 THEN
    INSERT INTO sample_block (trail, batch, at_us, count, block) VALUES (p_trail, h.batch + 1, v_at, p_sample_count, p_samples);
  END IF;
  UPDATE trail_head t SET size = h.size + v_count, batch = h.batch + 1, at_us = v_at, timeline = v_timeline WHERE t.trail = p_trail;

  outcome := 'appended'; epoch := h.epoch; number := h.batch + 1; first_index := h.size; count := v_count;
  at_us := v_at; timeline := v_timeline;
  RETURN NEXT;
END
$$;

-- For a service that appends inside its own transaction: locks the trail and says where the named source stands.
CREATE FUNCTION lock_trail(p_trail integer, p_source text)
RETURNS TABLE (epoch text, size bigint, batch bigint, at_us bigint, "position" text, sequence bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vedette, pg_temp AS
$$
#variable_conflict use_column
BEGIN
  PERFORM FROM trail_head h WHERE h.trail = p_trail FOR NO KEY UPDATE;
  RETURN QUERY SELECT h.epoch, h.size, h.batch, h.at_us, c.position, coalesce(c.sequence, 0)
    FROM trail_head h LEFT JOIN source_cursor c ON c.trail = h.trail AND c.source = p_source
    WHERE h.trail = p_trail;
END
$$;

CREATE FUNCTION publish(p_trail integer, p_topic text, p_json bytea) RETURNS TABLE (n bigint, epoch text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vedette, pg_temp AS
$$
#variable_conflict use_column
BEGIN
  INSERT INTO topic_head AS h (trail, topic, n) VALUES (p_trail, p_topic, 1)
    ON CONFLICT (trail, topic) DO UPDATE SET n = h.n + 1
    RETURNING h.n INTO n;
  SELECT t.epoch INTO STRICT epoch FROM trail_head t WHERE t.trail = p_trail;
  INSERT INTO publication (trail, topic, n, epoch, at_us, json) VALUES (p_trail, p_topic, n, epoch, clock_us(), p_json);
  RETURN NEXT;
END
$$;

-- Insert or equal. A partial tile may grow; a tile that says something else is refused: SQLSTATE VD002.
CREATE FUNCTION put_tiles(p_trail integer, p_level smallint[], p_n bigint[], p_hashes bytea[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vedette, pg_temp AS
$$
DECLARE
  wrong record;
BEGIN
  INSERT INTO tile AS t (trail, level, n, width, hashes)
    SELECT p_trail, m.level, m.n, octet_length(m.hashes) / 32, m.hashes
    FROM unnest(p_level, p_n, p_hashes) AS m (level, n, hashes)
    ORDER BY m.level, m.n
    ON CONFLICT (trail, level, n) DO UPDATE SET width = excluded.width, hashes = excluded.hashes
    WHERE t.width < excluded.width AND substring(excluded.hashes FROM 1 FOR octet_length(t.hashes)) = t.hashes;
  SELECT m.level, m.n INTO wrong
    FROM unnest(p_level, p_n, p_hashes) AS m (level, n, hashes)
    JOIN tile t ON t.trail = p_trail AND t.level = m.level AND t.n = m.n
    WHERE substring(t.hashes FROM 1 FOR octet_length(m.hashes)) <> m.hashes
    LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'tile %/% of trail % exists with other hashes', wrong.level, wrong.n, p_trail USING ERRCODE = 'VD002';
  END IF;
END
$$;

-- Compare-and-set on the size of the newest checkpoint (-1 where there is none). The same size replaces the note where the root is the same (another signature).
CREATE FUNCTION put_checkpoint(p_trail integer, p_epoch text, p_from bigint, p_size bigint, p_root bytea, p_note text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vedette, pg_temp AS
$$
BEGIN
  PERFORM pg_advisory_xact_lock(83151615, p_trail);
  IF (SELECT coalesce(max(c.size), -1) FROM checkpoint c WHERE c.trail = p_trail AND c.epoch = p_epoch) <> p_from THEN
    RETURN false;
  END IF;
  IF p_size = p_from THEN
    UPDATE checkpoint c SET note = p_note, at_us = clock_us()
      WHERE c.trail = p_trail AND c.epoch = p_epoch AND c.size = p_size AND c.root = p_root;
    RETURN FOUND;
  END IF;
  IF p_size < p_from THEN
    RETURN false;
  END IF;
  INSERT INTO checkpoint (trail, epoch, size, root, note, at_us) VALUES (p_trail, p_epoch, p_size, p_root, p_note, clock_us());
  RETURN true;
END
$$;

-- Drops full partitions of a class whose newest append is older than that, at most one per call; answers its number, null when there is none.
CREATE FUNCTION drop_expired_partition(p_trail integer, p_class smallint, p_before_us bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vedette, pg_temp SET lock_timeout = '250ms' AS
$$
DECLARE
  h   trail_head;
  v_n bigint;
BEGIN
  SELECT * INTO h FROM trail_head t WHERE t.trail = p_trail FOR NO KEY UPDATE;
  SELECT p.n INTO v_n FROM record_partition p
    WHERE p.trail = p_trail AND p.retention_class = p_class AND p.dropped_us IS NULL
      AND p.end_index <= h.size AND coalesce(p.last_at_us, 0) < p_before_us
    ORDER BY p.n LIMIT 1;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  EXECUTE format('DROP TABLE %I', format('record_c%s_t%s_p%s', p_class, p_trail, v_n));
  UPDATE record_partition p SET dropped_us = clock_us()
    WHERE p.trail = p_trail AND p.retention_class = p_class AND p.n = v_n;
  UPDATE trail_head t SET min_index = greatest(t.min_index,
      coalesce((SELECT min(p.first_index) FROM record_partition p WHERE p.trail = p_trail AND p.dropped_us IS NULL), t.size))
    WHERE t.trail = p_trail;
  RETURN v_n;
END
$$;

-- Deletes what is kept for a while only, at most 10,000 rows of each kind per call; answers how many.
CREATE FUNCTION expire(p_trail integer, p_samples_us bigint, p_idempotency_us bigint, p_publications_us bigint, p_quarantine_us bigint)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vedette, pg_temp AS
$$
DECLARE
  v_all integer := 0;
  v_one integer;
BEGIN
  DELETE FROM sample_block s WHERE s.trail = p_trail AND s.batch IN
    (SELECT o.batch FROM sample_block o WHERE o.trail = p_trail AND o.at_us < p_samples_us ORDER BY o.batch LIMIT 10000);
  GET DIAGNOSTICS v_one = ROW_COUNT;
  v_all := v_all + v_one;
  DELETE FROM idempotency i WHERE i.trail = p_trail AND (i.principal, i.key) IN
    (SELECT o.principal, o.key FROM idempotency o WHERE o.trail = p_trail AND o.updated_us < p_idempotency_us ORDER BY o.updated_us LIMIT 10000);
  GET DIAGNOSTICS v_one = ROW_COUNT;
  v_all := v_all + v_one;
  DELETE FROM publication p WHERE p.trail = p_trail AND (p.topic, p.n) IN
    (SELECT o.topic, o.n FROM publication o WHERE o.trail = p_trail AND o.at_us < p_publications_us ORDER BY o.at_us LIMIT 10000);
  GET DIAGNOSTICS v_one = ROW_COUNT;
  v_all := v_all + v_one;
  DELETE FROM quarantine q WHERE q.trail = p_trail AND q.id IN
    (SELECT o.id FROM quarantine o WHERE o.trail = p_trail AND o.at_us < p_quarantine_us ORDER BY o.at_us LIMIT 10000);
  GET DIAGNOSTICS v_one = ROW_COUNT;
  RETURN v_all + v_one;
END
$$;

-- --------------------------------------------------------------------------------------------------------------- grants

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA vedette FROM PUBLIC;
GRANT USAGE ON SCHEMA vedette TO vedette_collector, vedette_analyzer, vedette_alert, vedette_edge;
GRANT SELECT ON ALL TABLES IN SCHEMA vedette TO vedette_collector, vedette_analyzer, vedette_alert, vedette_edge;
GRANT INSERT, UPDATE, DELETE ON lease, node TO vedette_collector, vedette_analyzer, vedette_alert, vedette_edge;
GRANT EXECUTE ON FUNCTION clock_us() TO vedette_collector, vedette_analyzer, vedette_alert, vedette_edge;
GRANT EXECUTE ON FUNCTION lock_trail(integer, text) TO vedette_collector, vedette_analyzer, vedette_alert, vedette_edge;
GRANT EXECUTE ON FUNCTION append(integer, uuid, bigint, bigint, boolean, bytea[], bytea[], bigint[], bytea, bigint, smallint[], smallint[],
  bytea, integer, text[], text[], text[], bigint[], bigint[], text[], text[], bigint[], bigint[], bytea[])
  TO vedette_collector, vedette_analyzer, vedette_alert, vedette_edge;
GRANT EXECUTE ON FUNCTION publish(integer, text, bytea) TO vedette_analyzer, vedette_alert;
GRANT EXECUTE ON FUNCTION open_trail(integer, text, text, bigint) TO vedette_collector;
GRANT EXECUTE ON FUNCTION create_partitions_ahead(integer) TO vedette_collector;
GRANT EXECUTE ON FUNCTION put_tiles(integer, smallint[], bigint[], bytea[]) TO vedette_collector;
GRANT EXECUTE ON FUNCTION put_checkpoint(integer, text, bigint, bigint, bytea, text) TO vedette_collector;
GRANT EXECUTE ON FUNCTION drop_expired_partition(integer, smallint, bigint) TO vedette_collector;
GRANT EXECUTE ON FUNCTION expire(integer, bigint, bigint, bigint, bigint) TO vedette_collector;
GRANT INSERT ON quarantine TO vedette_collector, vedette_analyzer, vedette_alert, vedette_edge;
GRANT INSERT, UPDATE ON token TO vedette_edge;
