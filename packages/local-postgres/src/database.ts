import { Client } from 'pg'

/**
 * Makes the database, and an owner of the same name who may log in, make roles and nothing more, unless they are there. Returns the
 * address as that owner: services need no superuser, who could switch off what keeps history unchanged.
 *
 * @param serverUrl address of the server as its superuser (`LocalServer.url`); the owner gets the same password
 */
export async function ensureDatabase(serverUrl: string, name: string): Promise<string> {
  const client = new Client({ connectionString: serverUrl, connectionTimeoutMillis: 10_000 })
  await client.connect()
  try {
    await ensureOwner(client, name, new URL(serverUrl).password)
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name])
    const database = client.escapeIdentifier(name)
    if (rowCount === 0) await client.query(`CREATE DATABASE ${database} OWNER ${database}`)
  } finally {
    await client.end()
  }
  return ownerUrl(serverUrl, name)
}

async function ensureOwner(client: Client, name: string, password: string): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [name])
  const verb = rowCount === 0 ? 'CREATE' : 'ALTER'
  const secret = client.escapeLiteral(decodeURIComponent(password))
  await client.query(`${verb} ROLE ${client.escapeIdentifier(name)} LOGIN CREATEROLE PASSWORD ${secret}`)
}

function ownerUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl)
  url.username = encodeURIComponent(name)
  url.pathname = `/${encodeURIComponent(name)}`
  return url.href
}
