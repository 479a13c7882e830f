/** The environment variables that say where the last signed checkpoints are kept. */
import { accessSync, constants, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { EtcdAddress } from './etcd.ts'
import type { Home } from './kept-checkpoint.ts'
import { etcdHome } from './kept-in-etcd.ts'
import { folderHome } from './kept-in-file.ts'
import { attempt, openTo } from './keys.ts'
import { makeStateFolder, moveFormerState, placeWarnings, usualStateFolder } from './state-folder.ts'

interface HomeVariables {
  readonly LOG_STATE_DIR?: string | undefined
  readonly LOG_STATE_ETCD?: string | undefined
  readonly LOG_STATE_ETCD_CA_FILE?: string | undefined
  readonly LOG_STATE_ETCD_CERT_FILE?: string | undefined
  readonly LOG_STATE_ETCD_KEY_FILE?: string | undefined
  readonly LOG_ORIGIN?: string | undefined
  readonly DATA_DIR: string
  readonly NODE_ENV?: string | undefined
  readonly XDG_STATE_HOME?: string | undefined
  readonly HOME?: string | undefined
}

interface Homes {
  readonly home: Home
  readonly formerHomes?: (origin: string) => readonly Home[]
  readonly warnings: readonly string[]
}

/**
 * The home for the chosen origin: etcd if that is given, otherwise a folder.
 *
 * @param unnamed the origin that nobody has chosen
 * @param keyFile beside it, earlier versions kept what is now in the usual folder
 */
export function readHome(variables: HomeVariables, unnamed: string, keyFile: string, mistakes: string[]): Homes {
  const chosen = variables.LOG_ORIGIN ?? unnamed
  const before = (homeOf: (origin: string) => Home) => (origin: string) => [origin, unnamed].map(homeOf)
  if (variables.LOG_STATE_ETCD !== undefined) {
    const address = readEtcdAddress(variables, mistakes)
    const inEtcd = (origin: string) => etcdHome(address, origin)
    const open = openTo('LOG_STATE_ETCD_KEY_FILE', variables.LOG_STATE_ETCD_KEY_FILE)
    if (variables.NODE_ENV === 'production') mistakes.push(...open)
    const warnings = variables.NODE_ENV === 'production' ? [] : open
    return { home: inEtcd(chosen), formerHomes: before(inEtcd), warnings }
  }
  const { LOG_STATE_DIR, DATA_DIR } = variables
  const inFolder = (origin: string) => folderHome(usualStateFolder(variables, origin))
  const home = LOG_STATE_DIR === undefined ? inFolder(chosen) : folderHome(LOG_STATE_DIR)
  const moved = attempt(mistakes, `LOG_STATE_DIR: ${home.place}`, () => prepareFolder(variables, home.place, keyFile))
  return {
    home,
    ...(LOG_STATE_DIR === undefined && { formerHomes: before(inFolder) }),
    warnings: [...(moved ?? []), ...placeWarnings(home.place, DATA_DIR)],
  }
}

/** Says what was moved. @throws errors of the file system */
function prepareFolder({ LOG_STATE_DIR, NODE_ENV }: HomeVariables, folder: string, keyFile: string): string[] {
  // A configured folder that does not exist is a volume that is not mounted.
  if (NODE_ENV !== 'production' || LOG_STATE_DIR === undefined) makeStateFolder(folder)
  accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  return LOG_STATE_DIR === undefined ? moveFormerState(dirname(keyFile), folder) : []
}

const addressRule =
  'LOG_STATE_ETCD: must be the members of an etcd (v3), such as https://user:password@etcd-1:2379,etcd-2:2379,etcd-3:2379, ' +
  'with special characters escaped, such as %40 for @'

const addressParts = /^(https?):\/\/(?:([^@/]+)@)?([^@/?#]+)\/?$/
const hostParts = /^(\[[\da-fA-F:.]+\]|[\w.-]+)(?::(\d{1,5}))?$/

/** Mistakes never quote the address, which may hold a password. */
function readEtcdAddress(variables: HomeVariables, mistakes: string[]): EtcdAddress {
  const { LOG_STATE_ETCD = '' } = variables
  const [, scheme = '', credentials, authority = ''] = addressParts.exec(LOG_STATE_ETCD.trim()) ?? []
  const hosts = authority.split(',').map(readHost)
  const user = credentials === undefined ? null : readUser(credentials)
  if (hosts.includes(null) || user === 'malformed') mistakes.push(addressRule)
  const tls = readTls(variables, mistakes)
  if (tls !== undefined && scheme === 'http')
    mistakes.push('LOG_STATE_ETCD: must begin with https:// where certificates are given (LOG_STATE_ETCD_…_FILE)')
  return {
    scheme: scheme === 'http' ? 'http' : 'https',
    hosts: hosts.filter((host) => host !== null),
    user: user === 'malformed' ? null : user,
    ...(tls && { tls }),
  }
}

function readHost(text: string): string | null {
  const [, host, port = '2379'] = hostParts.exec(text) ?? []
  return host === undefined || Number(port) > 65_535 ? null : `${host}:${port}`
}

function readUser(text: string): { name: string; password: string } | 'malformed' {
  const [name = '', password, ...more] = text.split(':')
  if (name === '' || password === undefined || more.length > 0) return 'malformed'
  try {
    return { name: decodeURIComponent(name), password: decodeURIComponent(password) }
  } catch {
    return 'malformed'
  }
}

function readTls(variables: HomeVariables, mistakes: string[]): EtcdAddress['tls'] {
  const read = (name: `LOG_STATE_ETCD_${'CA' | 'CERT' | 'KEY'}_FILE`) => {
    const file = variables[name]
    return file === undefined ? null : attempt(mistakes, `${name}: ${file}`, () => readFileSync(file, 'utf8'))
  }
  const [ca, cert, key] = [
    read('LOG_STATE_ETCD_CA_FILE'),
    read('LOG_STATE_ETCD_CERT_FILE'),
    read('LOG_STATE_ETCD_KEY_FILE'),
  ]
  if ((variables.LOG_STATE_ETCD_CERT_FILE === undefined) !== (variables.LOG_STATE_ETCD_KEY_FILE === undefined))
    mistakes.push('LOG_STATE_ETCD_CERT_FILE and LOG_STATE_ETCD_KEY_FILE: set both or neither')
  if (ca === null && cert === null) return undefined
  return { ...(ca !== null && { ca }), ...(cert !== null && { cert }), ...(key !== null && { key }) }
}
