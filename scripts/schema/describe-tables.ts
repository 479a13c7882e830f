import type { Pool } from 'pg'

interface Column {
  table: string
  name: string
  type: string
  array: boolean
  nullable: boolean
  optional: boolean
}

/** The TypeScript types of the driver's values for each Postgres type, with the parsers of the event store's pools. */
const typeScriptTypes: Readonly<Record<string, string>> = {
  bool: 'boolean',
  bytea: 'Buffer',
  int2: 'number',
  int4: 'number',
  int8: 'number',
  float8: 'number',
  text: 'string',
  varchar: 'string',
  uuid: 'string',
  date: 'string',
  timestamptz: 'ColumnType<Date, Date | string>',
  jsonb: 'ColumnType<unknown, string>',
}

/** Kysely's table types of the ledger's schema. Partitions are left out, because queries use their tables. */
export async function describeTables(pool: Pool, ledger: string): Promise<string> {
  const columns = await readColumns(pool, ledger)
  const tables = [...new Set(columns.map((column) => column.table))]
  const interfaces = tables.map((table) => {
    const members = columns
      .filter((column) => column.table === table)
      .map((column) => `  ${column.name}: ${typeOf(column)}\n`)
    return `export interface ${interfaceName(table)} {\n${members.join('')}}\n`
  })
  const registry = tables.map((table) => `  ${table}: ${interfaceName(table)}\n`)
  return [
    '// Generated from the migrations by scripts/dump-schema.ts; do not edit.\n',
    `import type { ColumnType, Generated } from 'kysely'\n`,
    ...interfaces,
    `/** Every table of a ledger. */\nexport interface Database {\n${registry.join('')}}\n`,
  ].join('\n')
}

async function readColumns(pool: Pool, ledger: string): Promise<Column[]> {
  const { rows } = await pool.query<Column>(
    `SELECT c.relname AS table, a.attname AS name, ltrim(t.typname, '_') AS type, t.typcategory = 'A' AS array,
            NOT a.attnotnull AS nullable, a.atthasdef AS optional
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
      WHERE c.relnamespace = $1::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        AND a.attnum > 0 AND NOT a.attisdropped AND c.relname NOT LIKE 'kysely%'
      ORDER BY c.relname, a.attnum`,
    [ledger],
  )
  return rows
}

function typeOf({ table, name, type, array, nullable, optional }: Column): string {
  const base = typeScriptTypes[type]
  if (!base) throw new Error(`describe-tables.ts knows no type for ${type} (${table}.${name}); add it`)
  const whole = `${array ? `${base}[]` : base}${nullable ? ' | null' : ''}`
  return optional ? `Generated<${whole}>` : whole
}

function interfaceName(table: string): string {
  const words = table.split('_').map((word) => word.charAt(0).toUpperCase() + word.slice(1))
  return `${words.join('')}Table`
}
