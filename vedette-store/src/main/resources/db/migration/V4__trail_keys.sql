-- Who signs a trail, which incarnations it had, and how it is reopened.

-- Public keys. `signing`: the newest checkpoint carries its signature. Keys that signed earlier stay: earlier checkpoints are checked with them.
CREATE TABLE trail_key (
  trail      integer NOT NULL,
  vkey       text    NOT NULL, -- <name>+<key id>+<base64>, C2SP signed-note
  origin     text    NOT NULL,
  signing    boolean NOT NULL,
  added_us   bigint  NOT NULL,
  changed_us bigint  NOT NULL,
  PRIMARY KEY (trail, vkey)
);

-- Incarnations that ended: the trail was restored or shortened, and somebody said so.
CREATE TABLE trail_incarnation (
  trail     integer NOT NULL,
  epoch     text    NOT NULL,
  origin    text    NOT NULL,
  end_size  bigint  NOT NULL, -- what was left of it: the next incarnation begins with these entries
  ended_us  bigint  NOT NULL,
  reason    text    NOT NULL,
  PRIMARY KEY (trail, epoch)
);

-- Says who signs from now on. False, and nothing changed, when none of these keys signed until now: a stranger.
CREATE FUNCTION put_trail_keys(p_trail integer, p_origin text, p_vkeys text[]) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vedette, pg_temp AS
$$
DECLARE
  v_now bigint := clock_us();
BEGIN
  PERFORM pg_advisory_xact_lock(83151616, p_trail);
  IF EXISTS (SELECT FROM trail_key k WHERE k.trail = p_trail AND k.origin = p_origin AND k.signing)
      AND NOT EXISTS (SELECT FROM trail_key k WHERE k.trail = p_trail AND k.origin = p_origin AND k.signing AND k.vkey = ANY (p_vkeys)) THEN
    RETURN false;
  END IF;
  INSERT INTO trail_key AS k (trail, vkey, origin, signing, added_us, changed_us)
    SELECT p_trail, v, p_origin, true, v_now, v_now FROM unnest(p_vkeys) AS v
    ON CONFLICT (trail, vkey) DO UPDATE SET signing = true, changed_us = v_now WHERE NOT k.signing;
  UPDATE trail_key k SET signing = false, changed_us = v_now
    WHERE k.trail = p_trail AND k.origin = p_origin AND k.signing AND NOT k.vkey = ANY (p_vkeys);
  RETURN true;
END
$$;

-- A restored or shortened trail goes on under a new origin: what entries are left are its beginning. For the schema's owner only.
CREATE FUNCTION reopen_trail(p_trail integer, p_from_epoch text, p_epoch text, p_origin text, p_vkey text, p_reason text)
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
  DELETE FROM record r WHERE r.trail = p_trail AND r.index >= v_size;
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

-- Of checkpoints older than an hour the last of each minute stays, of those older than a week the last of each hour.
CREATE FUNCTION thin_checkpoints(p_trail integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vedette, pg_temp AS
$$
DECLARE
  v_now     bigint := clock_us();
  v_deleted integer;
BEGIN
  DELETE FROM checkpoint c
    USING (SELECT o.epoch, o.size, lead(o.at_us) OVER (PARTITION BY o.epoch ORDER BY o.size) AS next_us
      FROM checkpoint o WHERE o.trail = p_trail) n
    WHERE c.trail = p_trail AND c.epoch = n.epoch AND c.size = n.size AND c.at_us < v_now - 3600000000
      AND n.next_us / CASE WHEN c.at_us < v_now - 604800000000 THEN 3600000000 ELSE 60000000 END
        = c.at_us / CASE WHEN c.at_us < v_now - 604800000000 THEN 3600000000 ELSE 60000000 END;
  GET DIAGNOSTICS v_deleted = ROW_COUNT;
  RETURN v_deleted;
END
$$;

REVOKE ALL ON FUNCTION put_trail_keys(integer, text, text[]), reopen_trail(integer, text, text, text, text, text), thin_checkpoints(integer) FROM PUBLIC;
GRANT SELECT ON trail_key, trail_incarnation TO vedette_collector, vedette_analyzer, vedette_alert, vedette_edge;
GRANT EXECUTE ON FUNCTION put_trail_keys(integer, text, text[]), thin_checkpoints(integer) TO vedette_collector;
