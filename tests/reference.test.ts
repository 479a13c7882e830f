/** docs/running/reference/compose.yml is the same as docker-compose.yml, and as the files of production that it runs. Without containers: `npm run soak -- reference` runs it. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'

const root = join(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')

interface Service {
  readonly image?: string
  readonly build?: { readonly context: string; readonly target?: string }
  readonly environment?: Readonly<Record<string, string | number>>
  readonly volumes?: readonly string[]
  readonly ports?: readonly string[]
  readonly secrets?: readonly string[]
  readonly network_mode?: string
  readonly networks?: Readonly<Record<string, { readonly ipv4_address: string }>>
  readonly [setting: string]: unknown
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>
  readonly secrets: Readonly<Record<string, { readonly file: string }>>
  readonly networks: { readonly reference: { readonly ipam: { readonly config: readonly { subnet: string }[] } } }
}

interface Patroni {
  readonly name: string
  readonly restapi: { readonly listen: string; readonly connect_address: string }
  readonly etcd3: { readonly hosts: readonly string[] }
  readonly postgresql: { readonly listen: string; readonly connect_address: string; readonly pg_hba: readonly string[] }
}

const composeOf = (file: string) => parse(read(file), { merge: true }) as Compose
const reference = composeOf('docs/running/reference/compose.yml')
const usual = composeOf('docker-compose.yml')
const patroni = parse(read('docs/running/patroni.yml')) as Patroni
const { services } = reference

const named = (prefix: string) => Object.entries(services).filter(([name]) => name.startsWith(prefix))

function addressOf(name: string): string {
  const address = services[name]?.networks?.['reference']?.ipv4_address
  if (address === undefined) throw new Error(`${name} has no address`)
  return address
}

/** The address at which others reach a service: its own, or that of its host. */
function reachedAt(name: string): string {
  return addressOf(services[name]?.network_mode?.replace('service:', '') ?? name)
}

/** `server <name> <address> …` of a configuration of HAProxy, by name. */
function serversOf(file: string): Record<string, string> {
  const lines = read(file).matchAll(/^ +server (\S+) (\S+)/gm)
  return Object.fromEntries([...lines].map(([, name = '', address = '']) => [name, address]))
}

const ours = Object.entries(services).filter(([, { build }]) => build?.target !== undefined)

t.test('the services of the product have the images, limits and rights of docker-compose.yml', async (t) => {
  t.same([...new Set(ours.map(([, { build }]) => build?.target ?? ''))].toSorted(), [
    'command',
    'migrate',
    'projection',
    'relay',
  ])
  const settings = 'read_only tmpfs cap_drop security_opt ulimits pids_limit mem_limit stop_grace_period init restart'
  for (const [name, service] of ours) {
    const counterpart = usual.services[service.build?.target ?? ''] ?? {}
    t.equal(service.image, `commitments-${service.build?.target}`, name)
    for (const setting of settings.split(' ')) t.same(service[setting], counterpart[setting], `${name}: ${setting}`)
  }
})

t.test('it says no variable that README does not have, and asks for those of .env.example and two more', async (t) => {
  const pages = read('README.md') + read('docs/relay.md')
  for (const [name, { environment = {} }] of ours) {
    for (const variable of Object.keys(environment))
      t.match(pages, new RegExp(`\`${variable}\``), `${name}: ${variable}`)
  }
  const text = read('docs/running/reference/compose.yml')
  const asked = [...text.matchAll(/\$\{([A-Z_]+)/g)].map(([, variable = '']) => variable)
  const given = new Set([...read('.env.example').matchAll(/^([A-Z_]+)=/gm)].map(([, variable]) => variable))
  const more = [...new Set(asked.filter((variable) => !given.has(variable)))].toSorted()
  t.same(more, ['REPLICATION_PASSWORD', 'REWIND_PASSWORD'])
  const [head = ''] = text.split('\nname:')
  for (const variable of more) t.match(head, variable)
  for (const [secret, { file }] of Object.entries(reference.secrets)) t.equal(file, usual.secrets[secret]?.file, secret)
})

t.test('its image is the Postgres of docker-compose.yml', async (t) => {
  const [, image] = /^ARG POSTGRES_IMAGE=(.+)$/m.exec(read('docs/running/reference/Dockerfile')) ?? []
  t.equal(image, usual.services['postgres']?.image)
  t.same(
    [...read('docs/running/reference/Dockerfile').matchAll(/^FROM (.+)$/gm)].map(([, from]) => from),
    ['${POSTGRES_IMAGE}'],
  )
  for (const [name, { image: used = '', build }] of Object.entries(services)) {
    t.match(used, /^commitments-/, `${name} is built`)
    t.ok(existsSync(join(root, build?.context ?? '', 'Dockerfile')), name)
  }
})

t.test('every file that it mounts is there', async (t) => {
  const mounted = Object.values(services)
    .flatMap(({ volumes = [] }) => volumes)
    .flatMap((volume) => /^\.\/([^:]+):/.exec(volume)?.[1] ?? [])
  for (const file of ['patroni.yml', 'haproxy-postgres.cfg', 'haproxy.cfg'])
    t.ok(mounted.includes(`docs/running/${file}`), `${file} is mounted as it is`)
  for (const file of mounted) t.ok(existsSync(join(root, file)), file)
})

t.test('its servers have the names and addresses of patroni.yml', async (t) => {
  const { subnet } = reference.networks.reference.ipam.config[0] ?? {}
  for (const line of patroni.postgresql.pg_hba.filter((line) => line.startsWith('host'))) t.match(line, ` ${subnet} `)
  t.same(
    named('etcd-').map(([name]) => `${addressOf(name)}:2379`),
    patroni.etcd3.hosts,
  )
  const first = addressOf(patroni.name)
  const pairs = {
    PATRONI_RESTAPI_LISTEN: patroni.restapi.listen,
    PATRONI_RESTAPI_CONNECT_ADDRESS: patroni.restapi.connect_address,
    PATRONI_POSTGRESQL_LISTEN: patroni.postgresql.listen,
    PATRONI_POSTGRESQL_CONNECT_ADDRESS: patroni.postgresql.connect_address,
  }
  t.equal(named('pg-').length, 3)
  for (const [name, { environment = {} }] of named('pg-')) {
    for (const [variable, own] of Object.entries(pairs)) {
      t.ok(own.startsWith(`${first}:`), `${variable} of ${patroni.name}`)
      t.equal(environment[variable] ?? own, own.replace(first, addressOf(name)), `${name}: ${variable}`)
    }
    t.equal(environment['PATRONI_NAME'] ?? patroni.name, name)
  }
})

t.test('the two HAProxys lead to its servers and services, and it publishes what they listen on', async (t) => {
  const postgres = named('pg-').map(([name]) => [name, `${addressOf(name)}:5432`])
  t.same(serversOf('docs/running/haproxy-postgres.cfg'), Object.fromEntries(postgres))
  const port = (target: string) => new RegExp(` AS ${target}\\n(?:.*\\n)*?EXPOSE (\\d+)`).exec(read('Dockerfile'))?.[1]
  const behind = [...named('command-'), ...named('projection-'), ...named('reader-')].map(([name, { build }]) => [
    name,
    `${reachedAt(name)}:${port(build?.target ?? '')}`,
  ])
  t.same(serversOf('docs/running/haproxy.cfg'), Object.fromEntries(behind))
  const bound = [...read('docs/running/haproxy.cfg').matchAll(/^ +bind :(\d+)$/gm)].map(([, at]) => at)
  t.same(
    services['entrance']?.ports,
    bound.map((at) => `127.0.0.1:${at}:${at}`),
  )
})

t.test('whoever shares the network of a host reaches the leader at the address of haproxy-postgres.cfg', async (t) => {
  const [, bound] = /^ +bind (\S+)$/m.exec(read('docs/running/haproxy-postgres.cfg')) ?? []
  const hosted = ours.filter(([, { network_mode }]) => network_mode !== undefined)
  t.equal(hosted.length, 5)
  for (const [name, { environment = {} }] of hosted) {
    const addresses = Object.values(environment).flatMap(
      (value) => /^postgres:.*@([^/]+)\//.exec(`${value}`)?.[1] ?? [],
    )
    t.ok(addresses.length > 0, name)
    for (const address of addresses) t.equal(address, bound, name)
  }
})

t.test('one projection service signs, and keeps in etcd what it signed', async (t) => {
  const signers = ours.filter(
    ([, { build, environment }]) =>
      build?.target === 'projection' &&
      environment?.['LOG_SIGNER'] !== 'no' &&
      environment?.['PROJECTION_MODE'] !== 'read',
  )
  t.equal(signers.length, 1)
  t.equal(signers[0]?.[1].environment?.['LOG_STATE_ETCD'], `http://${patroni.etcd3.hosts.join(',')}`)
})
