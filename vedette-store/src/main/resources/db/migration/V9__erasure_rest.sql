-- What an erasure leaves to be done later, and what it has to take out besides: groups of alerts, what the alert service holds in memory, records in which Vedette itself quotes what is erased.

-- Tables whose files hold deleted bytes until they are written anew, and `wal`: the write-ahead log, until it is overwritten. Written in the transaction of the act, so that no crash forgets it.
CREATE TABLE erasure_rest (
  place     text   PRIMARY KEY,
  since_us  bigint NOT NULL, -- of the newest act that waits for it
  until_lsn pg_lsn           -- of `wal`: overwritten once so much is written; null: not begun
);

-- Records in which Vedette says what became of alerts, found without reading the others.
CREATE INDEX record_alert ON record (trail, index) WHERE substring(canonical FROM 1 FOR 17) IN ('{"action":"alert.'::bytea, '{"action":"notifi'::bytea);

-- As in V5, with groups, and such that no memory brings back what was taken out.
CREATE OR REPLACE FUNCTION erase_quotes(p_trail integer, p_first bigint[], p_last bigint[], p_source text[], p_sequence bigint[], p_needles bytea[], p_texts text[])
RETURNS TABLE (place text, touched bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vedette, pg_temp AS
$$
#variable_conflict use_column
DECLARE
  v_fingerprints text[];
  v_alerts       bigint;
  v_groups       bigint := 0;
  g              record;
  v_labels       json;
  v_key          text;
  v_value        text;
BEGIN
  PERFORM FROM lease l WHERE l.trail = p_trail AND l.kind = 'alert' AND l.name = 'owner' FOR UPDATE; -- as the owner does, before any row of it

  place := 'quarantine';
  DELETE FROM quarantine q WHERE q.trail = p_trail
    AND ((q.source, q.sequence) IN (SELECT m.source, m.sequence FROM unnest(p_source, p_sequence) AS m (source, sequence))
      OR EXISTS (SELECT FROM unnest(p_needles) AS n (bytes) WHERE position(n.bytes IN q.payload) > 0 OR position(n.bytes IN convert_to(q.detail, 'UTF8')) > 0));
  GET DIAGNOSTICS touched = ROW_COUNT;
  RETURN NEXT;

  SELECT coalesce(array_agg(DISTINCT a.fingerprint), '{}') INTO v_fingerprints FROM (
    SELECT a.fingerprint FROM alert a WHERE a.trail = p_trail AND names_records(a.json, p_first, p_last)
    UNION ALL SELECT c.fingerprint FROM alert_change c WHERE c.trail = p_trail AND names_records(c.json, p_first, p_last)) a;

  place := 'finding';
  UPDATE finding f SET body = convert_to(n.after::text, 'UTF8'), key = CASE WHEN quotes_text(f.key, p_texts) THEN '[erased] ' || gen_random_uuid() ELSE f.key END
    FROM (SELECT o.partition, o.number, json_without(convert_from(o.body, 'UTF8')::json, p_texts, false) AS after,
        json_without(convert_from(o.body, 'UTF8')::json, '{}', false) AS before
      FROM finding o WHERE o.trail = p_trail AND names_records(convert_from(o.body, 'UTF8'), p_first, p_last)) n
    WHERE f.trail = p_trail AND f.partition = n.partition AND f.number = n.number AND n.after::text <> n.before::text;
  GET DIAGNOSTICS touched = ROW_COUNT;
  RETURN NEXT;

  -- Groups of these alerts, by the labels they have before they are changed. A group that says the same as another one afterwards is that one.
  FOR g IN
    SELECT o.receiver, o.key, o.labels FROM alert_group o
    WHERE o.trail = p_trail AND EXISTS (SELECT FROM alert a WHERE a.trail = p_trail AND a.fingerprint = ANY (v_fingerprints)
      AND NOT EXISTS (SELECT FROM json_each(o.labels::json) l WHERE NOT EXISTS (
        SELECT FROM json_each(a.json::json -> 'labels') m WHERE m.key = l.key AND m.value::text = l.value::text)))
    ORDER BY o.receiver, o.key
  LOOP
    v_labels := json_without(g.labels::json, p_texts, true);
    CONTINUE WHEN v_labels::text = json_without(g.labels::json, '{}', true)::text;
    v_key := g.key;
    FOR v_value IN SELECT l.value::text FROM json_each(g.labels::json) l WHERE (v_labels -> l.key)::text = '"[erased]"' LOOP
      v_key := replace(v_key, '=' || v_value, '="[erased]"'); -- a key quotes as JSON does, but for rare escapes
    END LOOP;
    IF quotes_text(v_key, p_texts) THEN
      v_key := '[erased] ' || gen_random_uuid();
    END IF;
    IF v_key <> g.key AND EXISTS (SELECT FROM alert_group o WHERE o.trail = p_trail AND o.receiver = g.receiver AND o.key = v_key) THEN
      DELETE FROM alert_group o WHERE o.trail = p_trail AND o.receiver = g.receiver AND o.key = g.key;
    ELSE
      UPDATE alert_group o SET labels = v_labels::text, key = v_key WHERE o.trail = p_trail AND o.receiver = g.receiver AND o.key = g.key;
    END IF;
    v_groups := v_groups + 1;
  END LOOP;
  place := 'alert_group';
  touched := v_groups;
  RETURN NEXT;

  place := 'alert';
  UPDATE alert a SET json = n.after::text
    FROM (SELECT o.fingerprint, json_without(o.json::json, p_texts, false) AS after, json_without(o.json::json, '{}', false) AS before
      FROM alert o WHERE o.trail = p_trail AND o.fingerprint = ANY (v_fingerprints)) n
    WHERE a.trail = p_trail AND a.fingerprint = n.fingerprint AND n.after::text <> n.before::text;
  GET DIAGNOSTICS touched = ROW_COUNT;
  v_alerts := touched;
  RETURN NEXT;

  place := 'alert_change';
  UPDATE alert_change c SET json = n.after::text
    FROM (SELECT o.n, json_without(o.json::json, p_texts, false) AS after, json_without(o.json::json, '{}', false) AS before
      FROM alert_change o WHERE o.trail = p_trail AND o.fingerprint = ANY (v_fingerprints)) n
    WHERE c.trail = p_trail AND c.n = n.n AND n.after::text <> n.before::text;
  GET DIAGNOSTICS touched = ROW_COUNT;
  RETURN NEXT;

  place := 'notification';
  UPDATE notification t SET notice = n.after::text,
      group_key = CASE WHEN quotes_text(t.group_key, p_texts) THEN '[erased]' ELSE t.group_key END,
      detail = CASE WHEN quotes_text(t.detail, p_texts) THEN '[erased]' ELSE t.detail END
    FROM (SELECT o.id, json_without(o.notice::json, p_texts, false) AS after, json_without(o.notice::json, '{}', false) AS before
      FROM notification o WHERE o.trail = p_trail AND o.fingerprints && v_fingerprints) n
    WHERE t.trail = p_trail AND t.id = n.id AND n.after::text <> n.before::text;
  GET DIAGNOSTICS touched = ROW_COUNT;
  RETURN NEXT;

  place := 'publication';
  UPDATE publication p SET json = convert_to(n.after::text, 'UTF8')
    FROM (SELECT o.topic, o.n, json_without(convert_from(o.json, 'UTF8')::json, p_texts, false) AS after,
        json_without(convert_from(o.json, 'UTF8')::json, '{}', false) AS before
      FROM publication o WHERE o.trail = p_trail
        AND (names_records(convert_from(o.json, 'UTF8'), p_first, p_last)
          OR EXISTS (SELECT FROM unnest(v_fingerprints) AS v (fingerprint) WHERE strpos(convert_from(o.json, 'UTF8'), v.fingerprint) > 0))) n
    WHERE p.trail = p_trail AND p.topic = n.topic AND p.n = n.n AND n.after::text <> n.before::text;
  GET DIAGNOSTICS touched = ROW_COUNT;
  RETURN NEXT;

  -- Whoever owns the alerts has them in memory and would write them as they were: it is made to read them again.
  IF v_alerts + v_groups > 0 THEN
    UPDATE lease l SET owner = '', until_us = 0 WHERE l.trail = p_trail AND l.kind = 'alert' AND l.name = 'owner';
  END IF;
END
$$;

-- Notes what is left. The caller erases in the same transaction, and takes the head of the trail after this.
CREATE FUNCTION leave_rest(p_places text[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = vedette, pg_temp AS
$$
  INSERT INTO erasure_rest AS r (place, since_us) SELECT DISTINCT p.place, clock_us() FROM unnest(p_places) AS p (place) ORDER BY 1
    ON CONFLICT (place) DO UPDATE SET since_us = excluded.since_us, until_lsn = NULL
$$;

-- The tables that are left, with what decides when. `missing`: records until a partition is full, 0 where nothing is appended any more.
CREATE FUNCTION erasure_rests() RETURNS TABLE (place text, since_us bigint, bytes bigint, missing bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = vedette, pg_temp AS
$$
  SELECT r.place, r.since_us, coalesce(pg_total_relation_size(to_regclass(format('vedette.%I', r.place))), 0),
      greatest(0, coalesce((SELECT p.end_index - h.size FROM record_partition p JOIN trail_head h ON h.trail = p.trail
        WHERE r.place = format('record_c%s_t%s_p%s', p.retention_class, p.trail, p.n)), 0))
    FROM erasure_rest r WHERE r.place <> 'wal' ORDER BY r.place
$$;

DROP FUNCTION purge_erased(text);
DROP FUNCTION forget_wal();

-- Writes a table anew, without what was deleted from it, and its indexes. Nobody reads or writes it meanwhile; gives up when others hold it for longer than the caller waits. VACUUM (FULL) does the same
-- but cannot be called in a function. What was erased while it waited is left for the next time.
CREATE FUNCTION purge_rest(p_place text, p_wait_ms integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vedette, pg_temp AS
$$
DECLARE
  v_since bigint;
BEGIN
  IF p_place !~ '^record_c[0-9]+_t[0-9]+_p[0-9]+$'
      AND p_place NOT IN ('quarantine', 'finding', 'alert', 'alert_change', 'alert_group', 'notification', 'publication') THEN
    RAISE EXCEPTION 'table % is not one of those that records are erased from', p_place;
  END IF;
  SELECT r.since_us INTO v_since FROM erasure_rest r WHERE r.place = p_place;
  IF to_regclass(format('vedette.%I', p_place)) IS NOT NULL THEN
    PERFORM set_config('lock_timeout', greatest(1, p_wait_ms)::text, true);
    EXECUTE format('CLUSTER %I USING %I', p_place,
      (SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = to_regclass(format('vedette.%I', p_place)) AND i.indisprimary));
    PERFORM leave_rest('{wal}');
  END IF;
  DELETE FROM erasure_rest r WHERE r.place = p_place AND r.since_us = v_since;
END
$$;

-- Overwrites the write-ahead log: a new segment, a checkpoint, then as many segments filled with nothing as there are, at most so many per call. `done`; `more`: call again; `forbidden`: the schema's
-- owner may not (see docs/erasure.md), so it goes as PostgreSQL comes round.
CREATE FUNCTION forget_wal(p_segments integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vedette, pg_temp AS
$$
DECLARE
  v_since    bigint;
  v_until    pg_lsn;
  v_segments integer;
BEGIN
  SELECT r.since_us, r.until_lsn INTO v_since, v_until FROM erasure_rest r WHERE r.place = 'wal';
  IF NOT FOUND THEN
    RETURN 'done';
  END IF;
  BEGIN
    IF v_until IS NULL THEN
      PERFORM pg_logical_emit_message(false, 'vedette', 'forget');
      PERFORM pg_switch_wal();
      CHECKPOINT; -- what was written before it is not needed any more: its segments wait to be written again
      SELECT count(*) INTO v_segments FROM pg_ls_waldir() w WHERE w.name ~ '^[0-9A-F]{24}$';
      v_until := pg_current_wal_insert_lsn() + (v_segments + 1) * pg_size_bytes(current_setting('wal_segment_size'));
    END IF;
    FOR i IN 1 .. p_segments LOOP
      EXIT WHEN pg_current_wal_insert_lsn() >= v_until;
      PERFORM pg_logical_emit_message(false, 'vedette', 'forget');
      PERFORM pg_switch_wal();
    END LOOP;
  EXCEPTION
    WHEN insufficient_privilege THEN
      DELETE FROM erasure_rest r WHERE r.place = 'wal' AND r.since_us = v_since;
      RETURN 'forbidden';
  END;
  IF pg_current_wal_insert_lsn() < v_until THEN
    UPDATE erasure_rest r SET until_lsn = v_until WHERE r.place = 'wal' AND r.since_us = v_since;
    RETURN 'more';
  END IF;
  DELETE FROM erasure_rest r WHERE r.place = 'wal' AND r.since_us = v_since;
  RETURN CASE WHEN FOUND THEN 'done' ELSE 'more' END;
END
$$;

REVOKE ALL ON FUNCTION leave_rest(text[]), erasure_rests(), purge_rest(text, integer), forget_wal(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION leave_rest(text[]) TO vedette_edge;
GRANT EXECUTE ON FUNCTION erasure_rests(), purge_rest(text, integer), forget_wal(integer) TO vedette_edge, vedette_collector;
GRANT SELECT ON erasure_rest TO vedette_edge, vedette_collector;
