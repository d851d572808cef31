-- After an erasure no file may hold what was erased, not even where it had been deleted before for another reason: each act that is to be purged has every table written anew that may have quoted a record, and every
-- partition in which an append was rolled back. Order of locks: what an act leaves is noted after the head of the trail was taken, shortly before the commit. So nobody waits for the head, or for a table, with a row of
-- erasure_rest; whoever takes several of these rows takes `wal` last.

-- The trail last, as everywhere: whoever waits for these tables must not hold it up, nor may a backup that reads them.
SET LOCAL lock_timeout = '30s';

-- As V5 and V11: statistics would keep samples of what a silence, the analyzer's state or a block of panes says.
ALTER TABLE silence            ALTER COLUMN json  TYPE text;
ALTER TABLE silence            ALTER COLUMN json  SET STATISTICS 0;
ALTER TABLE analysis_partition ALTER COLUMN state TYPE bytea;
ALTER TABLE analysis_partition ALTER COLUMN state SET STATISTICS 0;
ALTER TABLE pane_block         ALTER COLUMN block TYPE bytea;
ALTER TABLE pane_block         ALTER COLUMN block SET STATISTICS 0;

-- Of the appends that wrote records, or began to, the number of the last one that was committed.
ALTER TABLE trail_head ADD COLUMN attempt bigint NOT NULL DEFAULT 0;

-- Partitions whose files may hold records of an append that was rolled back, or that `trail reopen` took out.
CREATE TABLE append_undone (
  trail           integer  NOT NULL,
  retention_class smallint NOT NULL,
  n               bigint   NOT NULL,
  since_us        bigint   NOT NULL,
  PRIMARY KEY (trail, retention_class, n)
);

-- Until now nobody counted.
INSERT INTO append_undone (trail, retention_class, n, since_us)
  SELECT p.trail, p.retention_class, p.n, clock_us() FROM record_partition p WHERE p.dropped_us IS NULL;

DO $$
DECLARE
  v_trail integer;
BEGIN
  FOR v_trail IN SELECT h.trail FROM trail_head h LOOP
    EXECUTE format('CREATE SEQUENCE append_t%s', v_trail);
  END LOOP;
END
$$;

-- The tables, besides the partitions of record, that may quote a record, or did. A test holds them against the catalogue.
CREATE FUNCTION quoting_tables() RETURNS text[] LANGUAGE sql IMMUTABLE AS
$$ SELECT '{alert,alert_change,alert_group,alert_inbox,analysis_partition,finding,notification,publication,quarantine,silence}'::text[] $$;

-- As in V1, with a sequence that counts appends.
CREATE OR REPLACE FUNCTION open_trail(p_trail integer, p_epoch text, p_origin text, p_partition_size bigint)
RETURNS TABLE (epoch text, origin text, partition_size bigint, min_index bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vedette, pg_temp AS
$$
#variable_conflict use_column
BEGIN
  INSERT INTO trail_head (trail, epoch, origin, partition_size, created_us)
    SELECT p_trail, p_epoch, p_origin, p_partition_size, clock_us()
    WHERE NOT EXISTS (SELECT FROM trail_head h WHERE h.trail = p_trail)
    ON CONFLICT DO NOTHING;
  IF to_regclass(format('vedette.append_t%s', p_trail)) IS NULL THEN
    EXECUTE format('CREATE SEQUENCE IF NOT EXISTS append_t%s', p_trail);
  END IF;
  RETURN QUERY SELECT h.epoch, h.origin, h.partition_size, h.min_index FROM trail_head h WHERE h.trail = p_trail;
END
$$;

-- Notes the partitions from n on, which what was rolled back may have been written to: it began where the trail ended, as it still does. The caller holds the head of the trail. Waits for who is just writing one of them
-- anew, at most for purge_rest's p_wait_ms, which is below deadlock_timeout for partitions that are appended to: the caller may have a lock on that partition.
CREATE FUNCTION note_undone(p_trail integer, p_n bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vedette, pg_temp AS
$$
BEGIN
  INSERT INTO append_undone (trail, retention_class, n, since_us)
    SELECT p.trail, p.retention_class, p.n, clock_us() FROM record_partition p
    WHERE p.trail = p_trail AND p.n >= p_n AND p.dropped_us IS NULL
    ORDER BY p.retention_class, p.n
    ON CONFLICT DO NOTHING;
END
$$;

-- The append as in V6. Each takes a number; a number that is missing is that of an append that was rolled back, or of a server that crashed. No other can have been between this one and the last that was committed, so what
-- it wrote lies in partitions that there are from the trail's end on: a partition that it made itself is gone with it.
CREATE OR REPLACE FUNCTION append(
  p_trail integer, p_appender uuid, p_seq bigint, p_clock_us bigint, p_new_timeline boolean,
  p_canonical bytea, p_offsets integer[], p_lengths integer[], p_salts bytea, p_time_us bigint[], p_entries bytea, p_bytes bigint,
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
  v_count      integer := cardinality(p_lengths);
  v_first_time bigint;
  v_last_time  bigint;
  v_class      smallint;
  v_n          bigint;
  v_attempt    bigint;
BEGIN
  -- Whatever can be known before the head is locked: everybody else waits for it.
  SELECT min(t), max(t) INTO v_first_time, v_last_time FROM unnest(p_time_us) AS t;

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

  v_attempt := h.attempt;
  IF v_count > 0 THEN
    v_attempt := nextval(format('append_t%s', p_trail)::regclass); -- before any byte is written; no rollback takes it back
    IF v_attempt <> h.attempt + 1 THEN
      PERFORM note_undone(p_trail, h.size / h.partition_size);
    END IF;
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
    -- Set-returning functions beside each other in a SELECT list go row by row; in FROM each would be written down as a whole first. Lists of unlike length give nulls, which the table refuses.
    IF cardinality(p_classes) = 1 THEN
      INSERT INTO record (index, time_us, trail, retention_class, salt, canonical)
        SELECT h.size + r.i, r.t, p_trail, p_classes[1], substring(p_salts FROM r.i * 16 + 1 FOR 16), substring(p_canonical FROM r.o FOR r.l)
        FROM (SELECT generate_series(0, v_count - 1), unnest(p_time_us), unnest(p_offsets), unnest(p_lengths)) AS r (i, t, o, l);
    ELSE
      INSERT INTO record (index, time_us, trail, retention_class, salt, canonical)
        SELECT h.size + r.i, r.t, p_trail, r.k, substring(p_salts FROM r.i * 16 + 1 FOR 16), substring(p_canonical FROM r.o FOR r.l)
        FROM (SELECT generate_series(0, v_count - 1), unnest(p_time_us), unnest(p_offsets), unnest(p_lengths), unnest(p_class)) AS r (i, t, o, l, k);
    END IF;
  END IF;

  INSERT INTO trail_batch (trail, number, first_index, count, at_us, timeline, seq, appender, wall_us,
      first_time_us, last_time_us, bytes, sample_count, epoch, entries)
    VALUES (p_trail, h.batch + 1, h.size, v_count, v_at, v_timeline, p_seq, p_appender, v_now,
      v_first_time, v_last_time, p_bytes, p_sample_count, h.epoch, p_entries);
  IF p_sample_count > 0 THEN
    INSERT INTO sample_block (trail, batch, at_us, count, block) VALUES (p_trail, h.batch + 1, v_at, p_sample_count, p_samples);
  END IF;
  UPDATE trail_head t SET size = h.size + v_count, batch = h.batch + 1, at_us = v_at, timeline = v_timeline, attempt = v_attempt WHERE t.trail = p_trail;

  outcome := 'appended'; epoch := h.epoch; number := h.batch + 1; first_index := h.size; count := v_count;
  at_us := v_at; timeline := v_timeline;
  RETURN NEXT;
END
$$;

-- As in V4; what is taken out of the trail stays in the files until these are written anew.
CREATE OR REPLACE FUNCTION reopen_trail(p_trail integer, p_from_epoch text, p_epoch text, p_origin text, p_vkey text, p_reason text)
RETURNS TABLE (size bigint, batch bigint)
LANGUAGE plpgsql SET search_path = vedette, pg_temp AS
$$
#variable_conflict use_column
DECLARE
  h       trail_head;
  v_hole  bigint;
  v_size  bigint;
  v_batch bigint;
  v_now   bigint := clock_us();
BEGIN
  SELECT * INTO h FROM trail_head t WHERE t.trail = p_trail FOR UPDATE;
  IF NOT FOUND OR h.epoch <> p_from_epoch THEN
    RAISE EXCEPTION 'trail % has the incarnation % (expected: %)', p_trail, coalesce(h.epoch, 'none'), p_from_epoch;
  END IF;
  SELECT min(b.number) INTO v_hole
    FROM (SELECT t.number, t.first_index, lag(t.number, 1, 0::bigint) OVER w AS before, lag(t.first_index + t.count, 1, 0::bigint) OVER w AS index
      FROM trail_batch t WHERE t.trail = p_trail WINDOW w AS (ORDER BY t.number)) b
    WHERE b.number <> b.before + 1 OR b.first_index <> b.index;
  IF v_hole IS NOT NULL THEN
    RAISE EXCEPTION 'batch % of trail % does not follow the one before it: entries are missing in the middle, restore a backup first', v_hole, p_trail;
  END IF;
  SELECT coalesce(max(t.first_index + t.count), 0), coalesce(max(t.number), 0) INTO v_size, v_batch FROM trail_batch t WHERE t.trail = p_trail;
  PERFORM note_undone(p_trail, v_size / h.partition_size); -- before anything of them is locked: who is just writing one of them anew waits for that
  DELETE FROM record r WHERE r.trail = p_trail AND r.index >= v_size;
  -- What an act left there before has to wait now for whoever may see what is deleted here.
  PERFORM leave_rest(ARRAY(SELECT r.place FROM erasure_rest r JOIN record_partition p ON r.place = format('record_c%s_t%s_p%s', p.retention_class, p.trail, p.n)
    WHERE p.trail = p_trail AND p.n >= v_size / h.partition_size AND p.dropped_us IS NULL));
  DELETE FROM sample_block s WHERE s.trail = p_trail AND s.batch > v_batch;
  DELETE FROM tile t WHERE t.trail = p_trail; -- made again from the entries
  UPDATE trail_head t SET epoch = p_epoch, origin = p_origin, size = v_size, batch = v_batch WHERE t.trail = p_trail;
  INSERT INTO trail_incarnation (trail, epoch, origin, end_size, ended_us, reason)
    VALUES (p_trail, h.epoch, h.origin, v_size, v_now, p_reason);
  UPDATE trail_key k SET signing = false, changed_us = v_now WHERE k.trail = p_trail AND k.signing;
  INSERT INTO trail_key (trail, vkey, origin, signing, added_us, changed_us) VALUES (p_trail, p_vkey, p_origin, true, v_now, v_now);
  size := v_size;
  batch := v_batch;
  RETURN NEXT;
END
$$;

-- As in V11, but with what others had deleted before: whatever was under way when this is noted may see that.
CREATE OR REPLACE FUNCTION leave_rest(p_places text[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = vedette, pg_temp AS
$$
  INSERT INTO erasure_rest AS r (place, since_us, act)
    SELECT DISTINCT p.place, clock_us(), greatest(pg_current_xact_id(), (pg_snapshot_xmax(pg_current_snapshot())::text::numeric - 1)::text::xid8) FROM unnest(p_places) AS p (place) ORDER BY 1
    ON CONFLICT (place) DO UPDATE SET since_us = greatest(r.since_us + 1, excluded.since_us), act = greatest(r.act, excluded.act), from_lsn = NULL, until_lsn = NULL
$$;

-- As in V9, found by their key and not one after the other, and in the order in which they are to be done: what was left last comes first.
CREATE OR REPLACE FUNCTION erasure_rests() RETURNS TABLE (place text, since_us bigint, bytes bigint, missing bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = vedette, pg_temp AS
$$
  SELECT r.place, r.since_us, coalesce(pg_total_relation_size(to_regclass(format('vedette.%I', r.place))), 0), greatest(0, coalesce(p.end_index - h.size, 0))
    FROM (SELECT e.place, e.since_us, regexp_match(e.place, '^record_c([0-9]{1,4})_t([0-9]{1,9})_p([0-9]{1,18})$') AS part FROM erasure_rest e WHERE e.place <> 'wal') r
    LEFT JOIN record_partition p ON p.trail = r.part[2]::integer AND p.retention_class = r.part[1]::smallint AND p.n = r.part[3]::bigint
    LEFT JOIN trail_head h ON h.trail = p.trail
    ORDER BY r.since_us DESC, r.place
$$;

-- Notes what an act left, after its append, and answers it: these partitions, what may have quoted records, and where appends were rolled back. Without p_purge whoever asked does that, and only the write-ahead log is noted.
CREATE FUNCTION leave_rests(p_trail integer, p_partitions text[], p_purge boolean) RETURNS TABLE (place text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vedette, pg_temp AS
$$
#variable_conflict use_column
DECLARE
  v_undone text[];
BEGIN
  DELETE FROM append_undone u USING record_partition p
    WHERE u.trail = p_trail AND p.trail = u.trail AND p.retention_class = u.retention_class AND p.n = u.n AND p.dropped_us IS NOT NULL;
  v_undone := ARRAY(
    SELECT format('record_c%s_t%s_p%s', u.retention_class, u.trail, u.n) FROM append_undone u WHERE u.trail = p_trail
    EXCEPT SELECT unnest(p_partitions));
  IF p_purge THEN
    -- What is left last is written anew first: the payload itself, what may quote it, what was rolled back.
    PERFORM leave_rest(v_undone);
    PERFORM leave_rest(quoting_tables());
    PERFORM leave_rest(p_partitions);
  END IF;
  PERFORM leave_rest('{wal}');
  RETURN QUERY SELECT t.place FROM unnest(p_partitions || quoting_tables() || v_undone) AS t (place) ORDER BY 1;
END
$$;

-- As in V11, and for every table that may have quoted a record.
CREATE OR REPLACE FUNCTION purge_rest(p_place text, p_wait_ms integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vedette, pg_temp AS
$$
DECLARE
  v_part  bigint[] := regexp_match(p_place, '^record_c([0-9]{1,4})_t([0-9]{1,9})_p([0-9]{1,18})$')::bigint[];
  v_since bigint;
  v_seen  text;
  v_there boolean := to_regclass(format('vedette.%I', p_place)) IS NOT NULL;
BEGIN
  IF v_part IS NULL AND p_place <> ALL (quoting_tables()) THEN
    RAISE EXCEPTION 'table % is not one of those that records are erased from', p_place;
  END IF;
  SELECT r.since_us, still_seen_by(r.act) INTO v_since, v_seen FROM erasure_rest r WHERE r.place = p_place;
  IF NOT FOUND THEN
    RETURN; -- somebody else was faster
  END IF;
  IF v_there AND v_seen IS NOT NULL THEN
    RAISE EXCEPTION '%', v_seen USING ERRCODE = 'VD004';
  END IF;
  PERFORM set_config('lock_timeout', greatest(1, p_wait_ms)::text, true);
  -- Before the table is locked, as an append does: what is rolled back until then is not written anew, what is rolled back later is noted again.
  DELETE FROM append_undone u WHERE u.trail = v_part[2] AND u.retention_class = v_part[1] AND u.n = v_part[3];
  IF v_there THEN
    EXECUTE format('CLUSTER %I USING %I', p_place,
      (SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = to_regclass(format('vedette.%I', p_place)) AND i.indisprimary));
  END IF;
  DELETE FROM erasure_rest r WHERE r.place = p_place AND r.since_us = v_since;
  IF v_there THEN
    PERFORM leave_rest('{wal}');
  END IF;
END
$$;

REVOKE ALL ON FUNCTION quoting_tables(), note_undone(integer, bigint), leave_rests(integer, text[], boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION leave_rests(integer, text[], boolean) TO vedette_edge;
