-- Where a request under an Idempotency-Key has its records, so that a retry is answered as the first time. The append passes what the request's cursor holds: the hash of its body so far, and behind it the
-- places of its first and last record within the batch, four bytes each. Kept is the hash, and eight bytes each of their indices: the first of the first batch, the last of the newest.
CREATE FUNCTION place_request() RETURNS trigger LANGUAGE plpgsql SET search_path = vedette, pg_temp AS
$$
DECLARE
  v_size bigint;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF octet_length(OLD.prefix_hash) = 48 AND octet_length(NEW.prefix_hash) = 48 THEN
      NEW.prefix_hash := substring(NEW.prefix_hash FROM 1 FOR 32) || substring(OLD.prefix_hash FROM 33 FOR 8) || substring(NEW.prefix_hash FROM 41 FOR 8);
    END IF;
    RETURN NEW;
  END IF;
  IF octet_length(NEW.prefix_hash) = 40 THEN
    SELECT h.size INTO STRICT v_size FROM trail_head h WHERE h.trail = NEW.trail; -- the append holds it; it grows at its end
    NEW.prefix_hash := substring(NEW.prefix_hash FROM 1 FOR 32)
      || int8send(v_size + (get_byte(NEW.prefix_hash, 32) << 24 | get_byte(NEW.prefix_hash, 33) << 16 | get_byte(NEW.prefix_hash, 34) << 8 | get_byte(NEW.prefix_hash, 35)))
      || int8send(v_size + (get_byte(NEW.prefix_hash, 36) << 24 | get_byte(NEW.prefix_hash, 37) << 16 | get_byte(NEW.prefix_hash, 38) << 8 | get_byte(NEW.prefix_hash, 39)));
  END IF;
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION place_request() FROM PUBLIC;
CREATE TRIGGER place_request BEFORE INSERT OR UPDATE OF prefix_hash ON idempotency FOR EACH ROW EXECUTE FUNCTION place_request();
