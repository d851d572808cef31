-- A leaner append: less is done while the trail's head is locked, and less to bring the records there.

DROP FUNCTION append(integer, uuid, bigint, bigint, boolean, bytea[], bytea[], bigint[], bytea, bigint, smallint[], smallint[],
  bytea, integer, text[], text[], text[], bigint[], bigint[], text[], text[], bigint[], bigint[], bytea[]);

-- The append as in V1: all or nothing in one call, see Appender for the outcomes. The records come one after the other in one value, each found by its offset (from 1) and length, and so do their
-- salts, 16 bytes each: a value is taken as it is, an array is taken apart and put together again on both sides.
CREATE FUNCTION append(
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

  IF v_count > 0 THEN
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
  UPDATE trail_head t SET size = h.size + v_count, batch = h.batch + 1, at_us = v_at, timeline = v_timeline WHERE t.trail = p_trail;

  outcome := 'appended'; epoch := h.epoch; number := h.batch + 1; first_index := h.size; count := v_count;
  at_us := v_at; timeline := v_timeline;
  RETURN NEXT;
END
$$;

REVOKE ALL ON FUNCTION append(integer, uuid, bigint, bigint, boolean, bytea, integer[], integer[], bytea, bigint[], bytea, bigint, smallint[], smallint[],
  bytea, integer, text[], text[], text[], bigint[], bigint[], text[], text[], bigint[], bigint[], bytea[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION append(integer, uuid, bigint, bigint, boolean, bytea, integer[], integer[], bytea, bigint[], bytea, bigint, smallint[], smallint[],
  bytea, integer, text[], text[], text[], bigint[], bigint[], text[], text[], bigint[], bigint[], bytea[])
  TO vedette_collector, vedette_analyzer, vedette_alert, vedette_edge;
