-- Late-binding views, which may name what does not exist. Each is a view of PostgreSQL's without dependencies. An event trigger
-- makes it anew whenever its tables have changed; while it cannot be made, the view has the columns that it had and fails.

-- Fails in PostgreSQL's planner, so in EXPLAIN too.
CREATE FUNCTION pg_sandbox.unbound(problem text, code text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS
$$ BEGIN RAISE EXCEPTION '%', problem USING ERRCODE = code; END $$;

CREATE FUNCTION pg_sandbox.columns_of(relation oid) RETURNS text LANGUAGE sql STABLE AS
$$
    SELECT pg_engine.string_agg('NULL::' || format_type(atttypid, atttypmod) || ' AS ' || quote_ident(attname), ', ' ORDER BY attnum)
    FROM pg_attribute WHERE attrelid = relation AND attnum > 0
$$;

-- Nothing is told that a view depends on tables or functions.
CREATE FUNCTION pg_sandbox.detach(view oid) RETURNS void LANGUAGE sql AS
$$
    DELETE FROM pg_depend
    WHERE classid = 'pg_rewrite'::regclass AND objid = (SELECT oid FROM pg_rewrite WHERE ev_class = view)
        AND refclassid IN ('pg_class'::regclass, 'pg_proc'::regclass) AND refobjid <> view
$$;

-- A view with other columns is another view, which has the owner, the grants and the comment of the first. Views on top of it
-- are made anew as well.
CREATE FUNCTION pg_sandbox.replace_view(view oid, definition text) RETURNS oid LANGUAGE plpgsql AS
$$
DECLARE
    name text;
    owner name;
    remarks text := obj_description(view, 'pg_class');
    grants text[];
    command text;
    new_view oid;
BEGIN
    SELECT pg_engine.format('%I.%I', nspname, relname), rolname INTO name, owner
    FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace JOIN pg_roles r ON r.oid = relowner WHERE c.oid = view;
    grants := array(
        SELECT pg_engine.format(
            'GRANT %s ON %s TO %s%s', privilege_type, name,
            CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END,
            CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
        )
        FROM pg_class, pg_engine.aclexplode(relacl) WHERE oid = view
    );
    INSERT INTO pg_sandbox.late_views (relid, definition, relations)
    SELECT c.oid, 'AS ' || pg_engine.pg_get_viewdef(c.oid), array(
        SELECT DISTINCT pg_engine.format('%I.%I', n.nspname, t.relname)
        FROM pg_depend d JOIN pg_class t ON t.oid = d.refobjid JOIN pg_namespace n ON n.oid = t.relnamespace
        WHERE d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass AND t.oid <> c.oid
    )
    FROM pg_class c JOIN pg_rewrite r ON r.ev_class = c.oid
    WHERE c.relkind = 'v' AND c.oid <> view AND EXISTS (
        SELECT FROM pg_depend
        WHERE classid = 'pg_rewrite'::regclass AND objid = r.oid AND refclassid = 'pg_class'::regclass AND refobjid = view
    );
    PERFORM pg_sandbox.detach(relid) FROM pg_sandbox.late_views WHERE bound IS NULL AND statement IS NULL;
    EXECUTE 'DROP VIEW ' || name;
    EXECUTE 'CREATE VIEW ' || name || ' ' || definition;
    new_view := name::regclass;
    EXECUTE pg_engine.format('ALTER VIEW %s OWNER TO %I', name, owner);
    FOREACH command IN ARRAY grants LOOP
        EXECUTE command;
    END LOOP;
    IF remarks IS NOT NULL THEN
        EXECUTE pg_engine.format('COMMENT ON VIEW %s IS %L', name, remarks);
    END IF;
    RETURN new_view;
END
$$;

CREATE FUNCTION pg_sandbox.bind(late pg_sandbox.late_views, now_bound oid[]) RETURNS void LANGUAGE plpgsql AS
$$
DECLARE
    view oid := late.relid;
    columns text := pg_sandbox.columns_of(view);
    missing text := late.relations[pg_engine.array_position(now_bound, 0::oid)];
    code text := '42P01';
    reason text := 'relation "' || missing || '" does not exist';
BEGIN
    IF reason IS NULL THEN
        BEGIN
            EXECUTE pg_engine.format('CREATE OR REPLACE VIEW %s %s', view::regclass, late.definition);
        EXCEPTION
            WHEN syntax_error THEN
                RAISE;
            WHEN invalid_table_definition THEN
                BEGIN
                    view := pg_sandbox.replace_view(view, late.definition);
                EXCEPTION WHEN OTHERS THEN
                    reason := SQLERRM;
                    code := SQLSTATE;
                END;
            WHEN OTHERS THEN
                reason := SQLERRM;
                code := SQLSTATE;
        END;
    END IF;
    IF reason IS NOT NULL THEN
        EXECUTE pg_engine.format(
            'CREATE OR REPLACE VIEW %s AS SELECT %s FROM pg_sandbox.unbound(%L, %L)', view::regclass, columns, reason, code
        );
    END IF;
    PERFORM pg_sandbox.detach(view);
    UPDATE pg_sandbox.late_views AS l SET relid = view, bound = now_bound, problem = reason WHERE l.id = late.id;
    IF columns IS DISTINCT FROM pg_sandbox.columns_of(view) THEN
        UPDATE pg_sandbox.late_views AS l SET bound = NULL WHERE l.bound && ARRAY[late.relid] AND l.id <> late.id;
    END IF;
END
$$;

-- Makes every view anew that needs it, until none does; views that name each other would never get there.
CREATE FUNCTION pg_sandbox.bind_all() RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS
$$
DECLARE
    late pg_sandbox.late_views;
    now_bound oid[];
    changed boolean;
BEGIN
    PERFORM set_config('redshift_sandbox.binding', 'on', true);
    FOR round IN 1 .. 20 LOOP
        changed := false;
        FOR late IN SELECT * FROM pg_sandbox.late_views ORDER BY id LOOP
            now_bound := array(SELECT coalesce(to_regclass(name)::oid, 0) FROM pg_engine.unnest(late.relations) AS name);
            IF late.bound IS DISTINCT FROM now_bound THEN
                PERFORM pg_sandbox.bind(late, now_bound);
                changed := true;
            END IF;
        END LOOP;
        EXIT WHEN NOT changed;
    END LOOP;
    PERFORM set_config('redshift_sandbox.binding', '', true);
END
$$;

CREATE FUNCTION pg_sandbox.late_view(view oid, definition text, statement text, relations text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER AS
$$
BEGIN
    DELETE FROM pg_sandbox.late_views WHERE relid = view;
    INSERT INTO pg_sandbox.late_views (relid, definition, statement, relations) VALUES (view, definition, statement, relations);
    PERFORM pg_sandbox.bind_all();
END
$$;
-- The client's own rights decide whether it may have the view.
CREATE FUNCTION pg_sandbox.create_late_view(
    schema text, name text, replaces boolean, definition text, statement text, schemas text[], tables text[]
) RETURNS void LANGUAGE plpgsql AS
$$
DECLARE
    full_name text := coalesce(quote_ident(coalesce(schema, current_schema())) || '.', '') || quote_ident(name);
    view oid := CASE WHEN replaces THEN to_regclass(full_name) END;
    relations text[] := array(
        SELECT quote_ident(schemas[at]) || '.' || quote_ident(tables[at]) FROM generate_series(1, array_upper(schemas, 1)) AS at
    );
BEGIN
    PERFORM quote_ident(needed)::regnamespace FROM pg_engine.unnest(schemas) AS needed;
    IF view IS NULL THEN
        EXECUTE 'CREATE VIEW ' || full_name || ' AS SELECT';
        view := full_name::regclass;
    ELSIF (SELECT relkind <> 'v' FROM pg_class WHERE oid = view) THEN
        RAISE EXCEPTION '"%" is not a view', name USING ERRCODE = '42809';
    ELSIF NOT pg_engine.pg_has_role((SELECT relowner FROM pg_class WHERE oid = view), 'USAGE') THEN
        RAISE EXCEPTION 'must be owner of view %', name USING ERRCODE = '42501';
    END IF;
    PERFORM pg_sandbox.late_view(view, definition, statement, relations);
END
$$;

-- PostgreSQL would change the table behind a simple view.
CREATE FUNCTION pg_sandbox.refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$
BEGIN
    RAISE EXCEPTION 'cannot % a view', CASE TG_OP WHEN 'INSERT' THEN 'insert into' WHEN 'DELETE' THEN 'delete from' ELSE 'update' END
        USING ERRCODE = '0A000';
END
$$;

CREATE FUNCTION pg_sandbox.on_definition() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS
$$
DECLARE
    made record;
BEGIN
    FOR made IN
        SELECT objid, object_identity FROM pg_engine.pg_event_trigger_ddl_commands() c
        WHERE command_tag = 'CREATE VIEW' AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = c.objid)
    LOOP
        EXECUTE 'CREATE TRIGGER refuse_change INSTEAD OF INSERT OR UPDATE OR DELETE ON ' || made.object_identity
            || ' FOR EACH ROW EXECUTE FUNCTION pg_sandbox.refuse_change()';
        UPDATE pg_trigger SET tgisinternal = true WHERE tgrelid = made.objid;
    END LOOP;
    IF current_setting('redshift_sandbox.binding', true) = 'on' OR NOT EXISTS (SELECT FROM pg_sandbox.late_views) THEN
        RETURN;
    END IF;
    DELETE FROM pg_sandbox.late_views
    WHERE NOT EXISTS (SELECT FROM pg_class WHERE oid = relid)
        OR relid IN (SELECT objid FROM pg_engine.pg_event_trigger_ddl_commands() WHERE command_tag = 'CREATE VIEW');
    UPDATE pg_sandbox.late_views SET bound = NULL
    WHERE tg_tag LIKE '%FUNCTION'
        OR bound && array(SELECT objid FROM pg_engine.pg_event_trigger_ddl_commands() WHERE classid = 'pg_class'::regclass);
    PERFORM pg_sandbox.bind_all();
END
$$;

-- A late-binding view is told as it was written.
UPDATE pg_proc SET pronamespace = 'pg_engine'::regnamespace
WHERE pronamespace = 'pg_catalog'::regnamespace AND proname = 'pg_get_viewdef';
-- Any other one without what the sandbox has put around its query and before the names of functions.
CREATE FUNCTION pg_sandbox.written(definition text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
$$
    SELECT pg_engine.regexp_replace(
        pg_engine.regexp_replace($1, '^ *SELECT [^;]*redshift_query\\..*?\\n *FROM \\( *(SELECT .*)\\) redshift_query(\\([^()]*\\))?;$', ' \\1;'),
        '\\m(pg_sandbox|pg_engine|pg_leader)\\.', '', 'g'
    )
$$;
CREATE FUNCTION pg_catalog.pg_get_viewdef(oid) RETURNS text LANGUAGE sql STABLE STRICT AS
$$
    SELECT coalesce((SELECT statement FROM pg_sandbox.late_views WHERE relid = $1), pg_sandbox.written(pg_engine.pg_get_viewdef($1)))
$$;
CREATE FUNCTION pg_catalog.pg_get_viewdef(oid, boolean) RETURNS text LANGUAGE sql STABLE STRICT AS
$$
    SELECT coalesce((SELECT statement FROM pg_sandbox.late_views WHERE relid = $1), pg_sandbox.written(pg_engine.pg_get_viewdef($1, $2)))
$$;
CREATE FUNCTION pg_catalog.pg_get_viewdef(text) RETURNS text LANGUAGE sql STABLE STRICT AS $$ SELECT pg_get_viewdef($1::regclass) $$;
CREATE OR REPLACE VIEW pg_catalog.pg_views AS
SELECT nspname AS schemaname, relname AS viewname, pg_get_userbyid(relowner) AS viewowner, pg_get_viewdef(c.oid) AS definition
FROM pg_class c LEFT JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'v';

CREATE FUNCTION pg_catalog.pg_get_late_binding_view_cols() RETURNS SETOF record LANGUAGE sql STABLE AS
$$
    SELECT nspname, relname, attname, format_type(atttypid, atttypmod)::varchar, attnum::integer
    FROM pg_sandbox.late_views
    JOIN pg_class c ON c.oid = relid
    JOIN pg_namespace n ON n.oid = relnamespace
    JOIN pg_attribute ON attrelid = relid AND attnum > 0
    WHERE statement IS NOT NULL AND problem IS NULL
    ORDER BY nspname, relname, attnum
$$;

CREATE EVENT TRIGGER redshift_sandbox ON ddl_command_end EXECUTE FUNCTION pg_sandbox.on_definition();
