-- What an erasure left in the files although it was said to be gone: rows that an older transaction might still see, write-ahead log that was kept back, samples of groups in the planner's statistics.

ALTER TABLE erasure_rest
  ADD COLUMN act      xid8 NOT NULL DEFAULT pg_current_xact_id(), -- the newest transaction that erased from it: whatever is older may see what it erased
  ADD COLUMN from_lsn pg_lsn;                                     -- of `wal`: what is older has to go; null: not begun
UPDATE erasure_rest SET act = greatest(pg_current_xact_id(), pg_snapshot_xmax(pg_current_snapshot())), until_lsn = NULL;

-- As V5 for the other columns that quote payloads. A change of type, to the same one, drops what statistics there are.
ALTER TABLE alert_group ALTER COLUMN key  TYPE text, ALTER COLUMN labels TYPE text;
ALTER TABLE alert_group ALTER COLUMN key  SET STATISTICS 0, ALTER COLUMN labels SET STATISTICS 0;
ALTER TABLE alert_inbox ALTER COLUMN json TYPE text;
ALTER TABLE alert_inbox ALTER COLUMN json SET STATISTICS 0;

CREATE OR REPLACE FUNCTION leave_rest(p_places text[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = vedette, pg_temp AS
$$
  INSERT INTO erasure_rest AS r (place, since_us, act) SELECT DISTINCT p.place, clock_us(), pg_current_xact_id() FROM unnest(p_places) AS p (place) ORDER BY 1
    ON CONFLICT (place) DO UPDATE SET since_us = excluded.since_us, act = greatest(r.act, excluded.act), from_lsn = NULL, until_lsn = NULL
$$;

-- Who may still see what this transaction deleted; null: nobody, now or later. Who writes a table anew takes along what somebody may see, and is somebody himself: his snapshot is as old as the oldest transaction that
-- was writing when he took it, in whatever database of the server. The caller's own snapshot counts here, too. Of those who only read, this database's alone count, as those do that belong to none: standbys, and
-- connections that are being opened, which only their lock shows. What VACUUM is doing does not count.
CREATE FUNCTION still_seen_by(p_act xid8) RETURNS text
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS
$$
  SELECT coalesce(
    (SELECT format('transaction %s, prepared and not committed, is older than the erasure', p.gid) FROM pg_prepared_xacts p WHERE age(p.transaction) >= age(p_act::xid) LIMIT 1),
    (SELECT format('replication slot %s holds what is older than the erasure', s.slot_name) FROM pg_replication_slots s WHERE age(s.xmin) >= age(p_act::xid) LIMIT 1),
    (SELECT format('process %s has a transaction that is older than the erasure', a.pid) FROM pg_stat_activity a
      WHERE age(a.backend_xid) >= age(p_act::xid)
        OR (age(a.backend_xmin) >= age(p_act::xid) AND (a.datname IS NULL OR a.datname = current_database())
          AND NOT EXISTS (SELECT FROM pg_stat_progress_vacuum v WHERE v.pid = a.pid))
      ORDER BY a.pid = pg_backend_pid(), a.pid LIMIT 1),
    CASE WHEN pg_snapshot_xmin(pg_current_snapshot()) <= p_act THEN 'a transaction that is older than the erasure was just going on' END,
    (SELECT format('process %s is opening a connection', l.pid) FROM pg_locks l
      WHERE l.locktype = 'virtualxid' AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid = l.pid) LIMIT 1))
$$;

-- As in V9, once nobody may see any more what was erased: SQLSTATE VD004 says who may.
CREATE OR REPLACE FUNCTION purge_rest(p_place text, p_wait_ms integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vedette, pg_temp AS
$$
DECLARE
  v_since bigint;
  v_seen  text;
BEGIN
  IF p_place !~ '^record_c[0-9]+_t[0-9]+_p[0-9]+$'
      AND p_place NOT IN ('quarantine', 'finding', 'alert', 'alert_change', 'alert_group', 'notification', 'publication') THEN
    RAISE EXCEPTION 'table % is not one of those that records are erased from', p_place;
  END IF;
  SELECT r.since_us, still_seen_by(r.act) INTO v_since, v_seen FROM erasure_rest r WHERE r.place = p_place;
  IF NOT FOUND THEN
    RETURN; -- somebody else was faster
  END IF;
  IF to_regclass(format('vedette.%I', p_place)) IS NOT NULL THEN
    IF v_seen IS NOT NULL THEN
      RAISE EXCEPTION '%', v_seen USING ERRCODE = 'VD004';
    END IF;
    PERFORM set_config('lock_timeout', greatest(1, p_wait_ms)::text, true);
    EXECUTE format('CLUSTER %I USING %I', p_place,
      (SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = to_regclass(format('vedette.%I', p_place)) AND i.indisprimary));
    PERFORM leave_rest('{wal}');
  END IF;
  DELETE FROM erasure_rest r WHERE r.place = p_place AND r.since_us = v_since;
END
$$;

-- As in V9, but `kept`: the server keeps older segments back, for a replication slot, for wal_keep_size, until they are archived. Then nothing is written that would have to be kept as well: the next call looks whether a
-- checkpoint of the server's own has let them go.
CREATE OR REPLACE FUNCTION forget_wal(p_segments integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vedette, pg_temp AS
$$
DECLARE
  v_since    bigint;
  v_from     pg_lsn;
  v_until    pg_lsn;
  v_segments integer;
  v_older    integer;
BEGIN
  SELECT r.since_us, r.from_lsn, r.until_lsn INTO v_since, v_from, v_until FROM erasure_rest r WHERE r.place = 'wal';
  IF NOT FOUND THEN
    RETURN 'done';
  END IF;
  BEGIN
    IF v_from IS NULL THEN
      PERFORM pg_logical_emit_message(false, 'vedette', 'forget');
      PERFORM pg_switch_wal();
      v_from := pg_current_wal_insert_lsn();
      CHECKPOINT; -- what was written before it is not needed any more: its segments wait to be written again
      v_until := NULL;
    END IF;
    IF v_until IS NULL THEN
      SELECT count(*), count(*) FILTER (WHERE substr(w.name, 9, 16) < substr(pg_walfile_name(v_from + 1), 9, 16)) INTO v_segments, v_older
        FROM pg_ls_waldir() w WHERE w.name ~ '^[0-9A-F]{24}(\.partial)?$';
      IF v_older > 0 THEN
        UPDATE erasure_rest r SET from_lsn = v_from WHERE r.place = 'wal' AND r.since_us = v_since;
        RETURN 'kept';
      END IF;
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
    UPDATE erasure_rest r SET from_lsn = v_from, until_lsn = v_until WHERE r.place = 'wal' AND r.since_us = v_since;
    RETURN 'more';
  END IF;
  DELETE FROM erasure_rest r WHERE r.place = 'wal' AND r.since_us = v_since;
  RETURN CASE WHEN FOUND THEN 'done' ELSE 'more' END;
END
$$;

REVOKE ALL ON FUNCTION still_seen_by(xid8) FROM PUBLIC;
