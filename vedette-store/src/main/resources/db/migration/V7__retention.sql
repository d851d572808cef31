-- Retention by classes. Class 1 is kept for ever: records of kind trail.*, which say what was erased, what expired, and what was found wrong. Without them missing payloads could not be told from removed ones.

-- As in V1, but class 1 never goes, and does not count for min_index: the caller appends the record that names what went, in the same transaction.
CREATE OR REPLACE FUNCTION drop_expired_partition(p_trail integer, p_class smallint, p_before_us bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vedette, pg_temp SET lock_timeout = '250ms' AS
$$
DECLARE
  h   trail_head;
  v_n bigint;
BEGIN
  IF p_class = 1 THEN
    RAISE EXCEPTION 'class 1 is kept for ever: it says why payloads are missing';
  END IF;
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
      coalesce((SELECT min(p.first_index) FROM record_partition p WHERE p.trail = p_trail AND p.retention_class <> 1 AND p.dropped_us IS NULL), t.size))
    WHERE t.trail = p_trail;
  RETURN v_n;
END
$$;

-- As in V5; what says why payloads are missing stays, whatever it says: SQLSTATE VD003.
CREATE OR REPLACE FUNCTION erase_records(p_trail integer, p_index bigint[]) RETURNS TABLE (index bigint, retention_class smallint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vedette, pg_temp AS
$$
#variable_conflict use_column
DECLARE
  v_act bigint;
BEGIN
  SELECT r.index INTO v_act FROM record r WHERE r.trail = p_trail AND r.index = ANY (p_index) AND r.retention_class = 1 LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'record % says what was done to the trail itself; without it the trail may not verify', v_act USING ERRCODE = 'VD003';
  END IF;
  RETURN QUERY DELETE FROM record r WHERE r.trail = p_trail AND r.index = ANY (p_index) RETURNING r.index, r.retention_class;
END
$$;
