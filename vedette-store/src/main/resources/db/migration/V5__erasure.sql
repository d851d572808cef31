-- Erasure: payload and salt go, the entry stays. Execute is granted to the edge alone, which asks for role admin. See docs/erasure.md.

-- The planner's statistics would keep samples of what was erased: no column that holds payload, or quotes it, has any.
ALTER TABLE quarantine   ALTER COLUMN payload SET STATISTICS 0, ALTER COLUMN detail SET STATISTICS 0;
ALTER TABLE publication  ALTER COLUMN json    SET STATISTICS 0;
ALTER TABLE finding      ALTER COLUMN body    SET STATISTICS 0, ALTER COLUMN key SET STATISTICS 0;
ALTER TABLE alert        ALTER COLUMN json    SET STATISTICS 0;
ALTER TABLE alert_change ALTER COLUMN json    SET STATISTICS 0;
ALTER TABLE notification ALTER COLUMN notice  SET STATISTICS 0, ALTER COLUMN detail SET STATISTICS 0, ALTER COLUMN group_key SET STATISTICS 0;

-- As in V1, and without statistics of payloads. The caller holds the head of the trail.
CREATE OR REPLACE FUNCTION create_record_partition(p_trail integer, p_class smallint, p_n bigint, p_size bigint) RETURNS void
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
    EXECUTE format('ALTER TABLE %I ALTER COLUMN canonical SET STATISTICS 0, ALTER COLUMN salt SET STATISTICS 0', v_class);
    EXECUTE format('ALTER TABLE record ATTACH PARTITION %I FOR VALUES IN (%s)', v_class, p_class);
  END IF;
  EXECUTE format('CREATE TABLE %I (LIKE record INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)', v_part);
  EXECUTE format('ALTER TABLE %I ALTER COLUMN canonical SET STATISTICS 0, ALTER COLUMN salt SET STATISTICS 0', v_part);
  EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s, %s) TO (%s, %s)',
    v_class, v_part, p_trail, p_n * p_size, p_trail, (p_n + 1) * p_size);
  INSERT INTO record_partition (trail, retention_class, n, first_index, end_index)
    VALUES (p_trail, p_class, p_n, p_n * p_size, (p_n + 1) * p_size);
END
$$;

-- The same for what is there: the parent and every partition.
DO $$
DECLARE
  v_table regclass;
BEGIN
  FOR v_table IN SELECT relid FROM pg_partition_tree('record') LOOP
    EXECUTE format('ALTER TABLE ONLY %s ALTER COLUMN canonical SET STATISTICS 0, ALTER COLUMN salt SET STATISTICS 0', v_table);
  END LOOP;
END
$$;

-- Declared losses, found without reading the others. They begin with their action, the first of a canonical record's members that they have.
CREATE INDEX record_gap ON record (trail, index) WHERE substring(canonical FROM 1 FOR 23) = '{"action":"gap.declare"'::bytea;

-- Whether a JSON text counts one of these records: its evidence says from which to which index it looked.
CREATE FUNCTION names_records(p_json text, p_first bigint[], p_last bigint[]) RETURNS boolean
LANGUAGE sql STABLE SET search_path = vedette, pg_temp AS
$$
  SELECT EXISTS (SELECT FROM regexp_matches(p_json, '"firstIndex"\s*:\s*([0-9]+)\s*,\s*"lastIndex"\s*:\s*([0-9]+)', 'g') AS m (found),
    unnest(p_first, p_last) AS r (first, last) WHERE r.first <= m.found[2]::bigint AND r.last >= m.found[1]::bigint)
$$;

-- Whether a JSON string, as written between its quotes, holds one of these texts or lies within one.
CREATE FUNCTION quotes_text(p_string text, p_texts text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = vedette, pg_temp AS
$$
  SELECT EXISTS (SELECT FROM unnest(p_texts) AS t (text)
    WHERE strpos(p_string, t.text) > 0 OR (length(p_string) >= 4 AND strpos(t.text, p_string) > 0))
$$;

-- The same JSON, but where labels, annotations and the like quote one of these texts the string is "[erased]". Type json, not jsonb: that would change numbers and refuse an escaped U+0000.
CREATE FUNCTION json_without(p_json json, p_texts text[], p_inside boolean) RETURNS json
LANGUAGE plpgsql IMMUTABLE SET search_path = vedette, pg_temp AS
$$
BEGIN
  CASE json_typeof(p_json)
    WHEN 'object' THEN
      RETURN (SELECT coalesce(json_object_agg(m.key, json_without(m.value, p_texts, m.key NOT IN ('alertname', 'severity', 'rule')
          AND (p_inside OR m.key IN ('labels', 'annotations', 'key', 'groupKey', 'groupLabels', 'detail')))), '{}'::json)
        FROM json_each(p_json) m);
    WHEN 'array' THEN
      RETURN (SELECT coalesce(json_agg(json_without(e.value, p_texts, p_inside)), '[]'::json) FROM json_array_elements(p_json) e);
    WHEN 'string' THEN
      IF p_inside AND quotes_text(substr(p_json::text, 2, length(p_json::text) - 2), p_texts) THEN
        RETURN '"[erased]"'::json;
      END IF;
      RETURN p_json;
    ELSE
      RETURN p_json;
  END CASE;
END
$$;

-- Deletes payload and salt of records; answers which were there. What says that others were erased stays: SQLSTATE VD003.
CREATE FUNCTION erase_records(p_trail integer, p_index bigint[]) RETURNS TABLE (index bigint, retention_class smallint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vedette, pg_temp AS
$$
#variable_conflict use_column
DECLARE
  v_act bigint;
BEGIN
  SELECT r.index INTO v_act FROM record r
    WHERE r.trail = p_trail AND r.index = ANY (p_index)
      AND substring(r.canonical FROM 1 FOR 24) = '{"action":"record.erase"'::bytea
      AND position('"source":"vedette"'::bytea IN r.canonical) > 0
    LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'record % says that others were erased; without it the trail does not verify', v_act USING ERRCODE = 'VD003';
  END IF;
  RETURN QUERY DELETE FROM record r WHERE r.trail = p_trail AND r.index = ANY (p_index) RETURNING r.index, r.retention_class;
END
$$;

-- Takes what was erased out of what was made of it; answers how many rows of each table. The texts are as JSON writes them, the needles are plain bytes.
CREATE FUNCTION erase_quotes(p_trail integer, p_first bigint[], p_last bigint[], p_source text[], p_sequence bigint[], p_needles bytea[], p_texts text[])
RETURNS TABLE (place text, touched bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vedette, pg_temp AS
$$
#variable_conflict use_column
DECLARE
  v_fingerprints text[];
BEGIN
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

  place := 'alert';
  UPDATE alert a SET json = n.after::text
    FROM (SELECT o.fingerprint, json_without(o.json::json, p_texts, false) AS after, json_without(o.json::json, '{}', false) AS before
      FROM alert o WHERE o.trail = p_trail AND o.fingerprint = ANY (v_fingerprints)) n
    WHERE a.trail = p_trail AND a.fingerprint = n.fingerprint AND n.after::text <> n.before::text;
  GET DIAGNOSTICS touched = ROW_COUNT;
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
END
$$;

-- Writes a table anew, without what was deleted from it, and its indexes. Nobody reads or writes it meanwhile; gives up when others hold it for 5 s. VACUUM (FULL) does the same but cannot be
-- called in a function.
CREATE FUNCTION purge_erased(p_table text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vedette, pg_temp SET lock_timeout = '5s' AS
$$
BEGIN
  IF p_table !~ '^record_c[0-9]+_t[0-9]+_p[0-9]+$'
      AND p_table NOT IN ('quarantine', 'finding', 'alert', 'alert_change', 'notification', 'publication') THEN
    RAISE EXCEPTION 'table % is not one of those that records are erased from', p_table;
  END IF;
  EXECUTE format('CLUSTER %I USING %I', p_table,
    (SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = to_regclass(format('vedette.%I', p_table)) AND i.indisprimary));
END
$$;

-- Overwrites the write-ahead log so far: a new segment, a checkpoint, as many segments filled with nothing as there are. False where the schema's owner may not (see docs/erasure.md), or where there are more than 80
-- (1.3 GB): then it goes as PostgreSQL comes round.
CREATE FUNCTION forget_wal() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vedette, pg_temp AS
$$
DECLARE
  v_segments integer;
BEGIN
  PERFORM pg_logical_emit_message(false, 'vedette', 'forget');
  PERFORM pg_switch_wal();
  CHECKPOINT; -- what was written before it is not needed any more: its segments wait to be written again
  SELECT count(*) INTO v_segments FROM pg_ls_waldir() w WHERE w.name ~ '^[0-9A-F]{24}$';
  IF v_segments > 80 THEN
    RETURN false;
  END IF;
  FOR i IN 0 .. v_segments LOOP
    PERFORM pg_logical_emit_message(false, 'vedette', 'forget');
    PERFORM pg_switch_wal();
  END LOOP;
  RETURN true;
EXCEPTION
  WHEN insufficient_privilege THEN
    RETURN false;
END
$$;

REVOKE ALL ON FUNCTION names_records(text, bigint[], bigint[]), quotes_text(text, text[]), json_without(json, text[], boolean),
  erase_records(integer, bigint[]), erase_quotes(integer, bigint[], bigint[], text[], bigint[], bytea[], text[]), purge_erased(text), forget_wal() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION erase_records(integer, bigint[]), erase_quotes(integer, bigint[], bigint[], text[], bigint[], bytea[], text[]), purge_erased(text), forget_wal()
  TO vedette_edge;
