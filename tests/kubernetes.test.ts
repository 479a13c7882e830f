/** The manifests in docs/running/kubernetes are what Kubernetes takes, what the services start with, and the same as docker-compose.yml. */
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { isInstalled, keyFile, openDatabase, temporaryFolder } from '@commitments/test-kit'
import { startCommand, startProjection } from '@commitments/test-kit/services'
import type { Deployment } from 'kubernetes-types/apps/v1.d.ts'
import type { Container, PodSpec, Service } from 'kubernetes-types/core/v1.d.ts'
import t, { type Test } from 'tap'
import { parse, parseAllDocuments } from 'yaml'
import { readConfig as readRelayConfig } from '../services/relay/src/config.ts'

t.setTimeout(180_000)

const root = join(import.meta.dirname, '..')
const folder = join(root, 'docs/running/kubernetes')

/** What all manifests here have. */
interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string }
}

interface Workload extends Manifest {
  readonly spec: { readonly template: { readonly spec: PodSpec; readonly metadata: Deployment['metadata'] } }
}

/** A service of docker-compose.yml, as far as it is compared. */
interface Composed {
  readonly build: { readonly target: string }
  readonly environment: Readonly<Record<string, string>>
  readonly ports?: readonly string[]
  readonly mem_limit?: string
  readonly read_only: boolean
  readonly cap_drop: readonly string[]
  readonly security_opt: readonly string[]
  readonly stop_grace_period?: string
}

const files = globSync('{.,readers,relay}/*.yaml', { cwd: folder }).filter(
  (file) => !file.endsWith('kustomization.yaml'),
)
const manifests = files.flatMap((file) =>
  parseAllDocuments(readFileSync(join(folder, file), 'utf8')).map((document) => document.toJS() as Manifest),
)
const workloads = manifests.filter((one): one is Workload => ['Deployment', 'StatefulSet', 'Job'].includes(one.kind))
const { services: composed } = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
  readonly services: Readonly<Record<string, Composed>>
}

/** The workload of a service of compose. The projection service of compose signs, so it is the signer. */
const counterparts = { migrate: 'migrate', command: 'command', projection: 'signer', relay: 'relay' }

function workload(name: string): { readonly pod: PodSpec; readonly container: Container } {
  const pod = workloads.find((one) => one.metadata.name === name)?.spec.template.spec
  const [container, ...more] = pod?.containers ?? []
  if (!pod || !container || more.length > 0) throw new Error(`${name} is not one container`)
  return { pod, container }
}

/** A file of settings of the folder, by the name of its config map. */
function settingsOf(configMap: string): Record<string, string> {
  const [file] = globSync(`{.,*}/${configMap.replace(/(?<=.)-settings$/, '')}.env`, { cwd: folder })
  if (file === undefined) throw new Error(`there are no settings for ${configMap}`)
  const lines = readFileSync(join(folder, file), 'utf8').matchAll(/^([A-Z_]+)=(.*)$/gm)
  return Object.fromEntries([...lines].map(([, name = '', value = '']) => [name, value]))
}

/** The variables of a container. What comes from a secret is its name and key. */
function environmentOf({ envFrom = [], env = [] }: Container): Record<string, string> {
  const own = env.map(({ name, value, valueFrom }) => {
    const { name: secret, key } = valueFrom?.secretKeyRef ?? {}
    return [name, value ?? `${secret}/${key}`] as const
  })
  return Object.assign({}, ...envFrom.map((from) => settingsOf(from.configMapRef?.name ?? '')), Object.fromEntries(own))
}

t.test('every field is one that Kubernetes knows, with a value of its type', async (t) => {
  const types = { Deployment: 'apps/v1', StatefulSet: 'apps/v1', Job: 'batch/v1', Service: 'core/v1' }
  const moduleOf = ({ kind, apiVersion }: Manifest) =>
    (types as Record<string, string>)[kind] ?? apiVersion.replace('.k8s.io', '')
  const check = (text: string) => {
    const at = join(temporaryFolder(t), 'manifests.ts')
    writeFileSync(at, text)
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--ignoreConfig', '--module', 'nodenext']
    // Without the loader of the tests, which the compiler does not bear.
    const command = ['-u', 'NODE_OPTIONS', join(root, 'node_modules/.bin/tsc'), ...options, at]
    return spawnSync('env', command, { encoding: 'utf8' })
  }
  const typed = (one: Manifest, at: number) =>
    `export const m${at}: import('${join(root, 'node_modules/kubernetes-types', moduleOf(one))}.d.ts').${one.kind} = ${JSON.stringify(one)}`
  const { stdout, stderr, status } = check(manifests.map(typed).join('\n'))
  t.equal(status, 0, stdout + stderr)
  const misspelt = JSON.parse(
    JSON.stringify(manifests).replaceAll('"failureThreshold"', '"failureTreshold"'),
  ) as Manifest[]
  t.match(check(misspelt.map(typed).join('\n')).stdout, /failureTreshold/)
})

t.test(
  'kustomize builds the example of the page, and every name leads to something',
  { skip: !isInstalled('kubectl', 'help') && 'there is no kubectl' },
  async (t) => {
    const page = readFileSync(join(root, 'docs/running/kubernetes.md'), 'utf8')
    const example = /^ {3}```yaml\n(.*?)^ {3}```$/ms.exec(page)?.[1] ?? ''
    const overlay = realpathSync(temporaryFolder(t))
    const text = example.replaceAll('../commitments', relative(overlay, root))
    writeFileSync(join(overlay, 'kustomization.yaml'), text)
    const { stdout, stderr, status } = spawnSync('kubectl', ['kustomize', overlay], { encoding: 'utf8' })
    t.equal(status, 0, stderr)
    const built = parseAllDocuments(stdout).map((document) => document.toJS() as Manifest)
    const maps = new Set(built.filter(({ kind }) => kind === 'ConfigMap').map(({ metadata }) => metadata.name))
    const wanted = [...stdout.matchAll(/configMapRef:\n\s+name: (\S+)/g)].map(([, name = '']) => name)
    t.equal(maps.size, 4)
    t.equal(wanted.length, 9)
    for (const name of wanted) t.ok(maps.has(name), name)
    for (const [, image] of stdout.matchAll(/image: (\S+)/g)) t.match(image, /^registry\.example\.org\/.+:0\.1\.0$/)
    t.match(stdout, /READ_ACCESS: key/)
  },
)

t.test('compose has the same variables, with the same defaults', async (t) => {
  /** The two that differ, and why. */
  const differs = {
    SHUTDOWN_DELAY: 'in a cluster there is a balancer in front, which hears some seconds later that an instance stops',
    PROJECTION_URL: 'a service of Kubernetes has the port 80',
  }
  for (const [service, name] of Object.entries(counterparts)) {
    const there = composed[service]?.environment ?? {}
    const here = environmentOf(workload(name).container)
    t.same(Object.keys(here).toSorted(), Object.keys(there).toSorted(), service)
    for (const [variable, given] of Object.entries(there)) {
      if (/^postgres:|\/run\/secrets\//.test(given) || variable in differs) continue
      const fallback = /^\$\{[A-Z_]+:-(.*)\}$/.exec(given)?.[1] ?? given
      t.equal(here[variable], fallback, `${service}: ${variable}`)
    }
  }
})

t.test('compose isolates the containers in the same way', async (t) => {
  for (const [service, name] of Object.entries(counterparts)) {
    const there = composed[service]
    const { pod, container } = workload(name)
    const { securityContext, resources, ports } = container
    t.equal(container.image, `commitments-${there?.build.target}`, `${service}: image`)
    t.equal(securityContext?.readOnlyRootFilesystem, there?.read_only, `${service}: read-only`)
    t.same(securityContext?.capabilities?.drop, there?.cap_drop, `${service}: capabilities`)
    t.equal(securityContext?.allowPrivilegeEscalation, !there?.security_opt.includes('no-new-privileges:true'))
    if (name === 'migrate') continue
    t.equal(String(resources?.limits?.['memory']).replace('Mi', 'm'), there?.mem_limit, `${service}: memory`)
    t.equal(`${pod.terminationGracePeriodSeconds}s`, there?.stop_grace_period, `${service}: time to stop`)
    const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8')
    const stage = dockerfile.slice(dockerfile.indexOf(` AS ${there?.build.target}\n`))
    t.equal(String(ports?.[0]?.containerPort), /^EXPOSE (\d+)$/m.exec(stage)?.[1], `${service}: port`)
  }
})

t.test('pods that take requests for the same service can, and no other', async (t) => {
  const podsOf = ({ spec }: Service) =>
    workloads
      .filter(({ spec: { template } }) =>
        Object.entries(spec?.selector ?? {}).every(([label, value]) => template.metadata?.labels?.[label] === value),
      )
      .map(({ metadata: { name } }) => name)
      .toSorted()
  const services = manifests.filter((one): one is Manifest & Service => one.kind === 'Service')
  t.same(Object.fromEntries(services.map((one) => [one.metadata.name, podsOf(one)])), {
    command: ['command'],
    projection: ['projection', 'readers', 'signer'],
    signer: ['signer'],
  })
})

/** The environment of a workload on this machine: its files are in temporary folders, and secrets that may be missing are. */
function runnable(t: Test, name: string): Record<string, string> {
  const secrets = temporaryFolder(t)
  const { DATABASE_URL, COMMAND_DATABASE_URL, PROJECTION_DATABASE_URL, ...given } = environmentOf(
    workload(name).container,
  )
  t.ok(DATABASE_URL ?? COMMAND_DATABASE_URL ?? PROJECTION_DATABASE_URL)
  const places = Object.entries(given).map(([variable, value]) => [
    variable,
    value.replace('/run/secrets', secrets).replace('/var/lib/commitments', temporaryFolder(t)),
  ])
  const { API_KEYS_FILE: _, LOG_KEY_FILE, ...rest } = Object.fromEntries(places) as Record<string, string>
  if (LOG_KEY_FILE !== undefined) spawnSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', LOG_KEY_FILE])
  return {
    ...rest,
    ...(LOG_KEY_FILE !== undefined && { LOG_KEY_FILE }),
    API_KEYS_FILE: keyFile(t, [{ name: 'reader', scopes: ['read'] }]),
  }
}

t.test('each service starts with the settings of its pod, and is ready', async (t) => {
  const database = await openDatabase(t)
  const started = {
    command: await startCommand(t, database, { environment: runnable(t, 'command') }),
    signer: await startProjection(t, database, { environment: runnable(t, 'signer') }),
    projection: await startProjection(t, database, { environment: runnable(t, 'projection') }),
    readers: await startProjection(t, database, { environment: runnable(t, 'readers') }),
  }
  for (const [name, service] of Object.entries(started)) {
    const { startupProbe, livenessProbe, readinessProbe } = workload(name).container
    for (const probe of [startupProbe, livenessProbe, readinessProbe]) {
      const { statusCode, body } = await service.get(probe?.httpGet?.path ?? '')
      t.equal(statusCode, 200, `${name}: ${body}`)
    }
  }
  t.doesNotThrow(() => readRelayConfig(environmentOf(workload('relay').container)))
})
