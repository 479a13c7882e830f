-- Where a log is signed: a copy of the database with the key of the original must not sign another history under the same name.
-- docs/decisions/0036-copies-do-not-sign.md says what is told apart and what is not.

-- The newest row for a log and an origin holds: there, and nowhere else, it is signed under that origin. A copy of the database takes the rows of
-- its original along, and is another one itself.
CREATE TABLE log_deployments (
  log_id      uuid        NOT NULL,
  origin      text        NOT NULL COLLATE "C",
  -- The system identifier of the cluster: a standby has that of its primary, a restored dump and an upgraded cluster another. Empty: unknown.
  system      text        NOT NULL COLLATE "C",
  database    bigint      NOT NULL,
  schema      bigint      NOT NULL,
  -- Of the services that sign; null while none of them has one.
  public_url  text        COLLATE "C",
  reason      text        NOT NULL CONSTRAINT log_deployments_reason CHECK (reason <> ''),
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT log_deployments_pkey PRIMARY KEY (log_id, origin, recorded_at)
);
CREATE TRIGGER log_deployments_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log_deployments
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE log_deployments ENABLE ALWAYS TRIGGER log_deployments_append_only;

-- Where this ledger is now. Some providers do not let anybody read the system identifier.
CREATE FUNCTION this_deployment(OUT system text, OUT database bigint, OUT schema bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  SELECT d.oid::bigint, current_schema()::regnamespace::oid::bigint INTO database, schema FROM pg_database d WHERE d.datname = current_database();
  SELECT c.system_identifier::text INTO system FROM pg_control_system() c;
EXCEPTION WHEN insufficient_privilege THEN
  system := '';
END
$$;
REVOKE ALL ON FUNCTION this_deployment FROM PUBLIC;

-- Binds a log to where it is signed, unless it is bound elsewhere: false then. What was unknown so far is added.
CREATE FUNCTION bind_deployment(of_log uuid, of_origin text, of_public_url text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  bound log_deployments;
  here  record;
BEGIN
  SELECT * INTO here FROM this_deployment();
  SELECT * INTO bound FROM log_deployments d WHERE d.log_id = of_log AND d.origin = of_origin ORDER BY d.recorded_at DESC LIMIT 1;
  IF bound.log_id IS NOT NULL THEN
    IF (bound.system, bound.database, bound.schema) <> (here.system, here.database, here.schema)
       OR bound.public_url IS NOT NULL AND bound.public_url IS DISTINCT FROM of_public_url THEN
      RETURN false;
    END IF;
    IF bound.public_url IS NOT DISTINCT FROM of_public_url THEN
      RETURN true;
    END IF;
  END IF;
  INSERT INTO log_deployments (log_id, origin, system, database, schema, public_url, reason)
    VALUES (of_log, of_origin, here.system, here.database, here.schema, of_public_url,
            CASE WHEN bound.log_id IS NULL THEN 'It was signed here first.' ELSE 'PUBLIC_URL is known now.' END);
  RETURN true;
END
$$;
REVOKE ALL ON FUNCTION bind_deployment FROM PUBLIC;
