import { randomBytes } from 'node:crypto'
import { Client } from 'pg'

/**
 * Creates the database, and an owner of the same name that can log in and create roles but nothing more, unless they exist. Returns the
 * address as that owner: services need no superuser, which could switch off what keeps history unchanged.
 *
 * Each call gives the owner a new random password, which is stored nowhere and reveals nothing about the superuser's.
 *
 * @param serverUrl address of the server as its superuser (`LocalServer.url`)
 */
export async function ensureDatabase(serverUrl: string, name: string): Promise<string> {
  return await asSuperuser(serverUrl, async (client) => {
    const { rowCount: isOwner } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [name])
    const password = await setPassword(client, `${isOwner ? 'ALTER' : 'CREATE'} ROLE`, name, 'LOGIN CREATEROLE')
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name])
    const database = client.escapeIdentifier(name)
    if (rowCount === 0) await client.query(`CREATE DATABASE ${database} OWNER ${database}`)
    return addressOf(serverUrl, { user: name, password, database: name })
  })
}

/**
 * Lets an existing role log in to the database with a new random password, and returns its address. A service gets this address, so that a
 * compromised service has the rights of neither the owner nor the superuser.
 */
export async function letLogIn(serverUrl: string, role: string, database: string): Promise<string> {
  return await asSuperuser(serverUrl, async (client) => {
    const password = await setPassword(client, 'ALTER ROLE', role, 'LOGIN')
    return addressOf(serverUrl, { user: role, password, database })
  })
}

async function setPassword(client: Client, verb: string, role: string, attributes: string): Promise<string> {
  const password = randomBytes(24).toString('base64url')
  await client.query(
    `${verb} ${client.escapeIdentifier(role)} ${attributes} PASSWORD ${client.escapeLiteral(password)}`,
  )
  return password
}

async function asSuperuser<Result>(serverUrl: string, work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: serverUrl, connectionTimeoutMillis: 10_000 })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

function addressOf(
  serverUrl: string,
  { user, password, database }: { user: string; password: string; database: string },
): string {
  const url = new URL(serverUrl)
  url.username = encodeURIComponent(user)
  url.password = password
  url.pathname = `/${encodeURIComponent(database)}`
  return url.href
}
