/**
 * Clients that generators of others make of our OpenAPI documents: made offline, compiled, and used to record and read. The typed client of this
 * repository has no part in it.
 */
import { execFile, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { startServices } from '@commitments/test-kit/services'
import t, { type Test } from 'tap'

// Three generators and two compilers, on a busy machine.
t.setTimeout(590_000)

const run = promisify(execFile)
const root = join(import.meta.dirname, '../../..')
const programs = join(import.meta.dirname, 'generators')
const apiKey = 'generated-secret-0123456789'
const env = { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1', DO_NOT_TRACK: '1', COMMITMENTS_API_KEY: apiKey }
const maxBuffer = 64 * 1024 * 1024
const services = ['command', 'projection'] as const

/** What every program prints: the status, and the events with what only their own type has. */
const told = 'agreed at version 3: proposed joint-research, agreed memorandum, confirmed\n'

t.test(
  'generators of others take the documents without a complaint, and what they make records and reads',
  async (t) => {
    const environment = { API_KEYS: `ours:record+read+audit:${apiKey}` }
    const { command, projection } = await startServices(t, { environment })
    const urls = await Promise.all([command.listen(), projection.listen()])

    await t.test('openapi-typescript with openapi-fetch, from 3.1', async (t) => {
      const folder = t.testdir()
      for (const service of services) {
        const words = [commandOf('openapi-typescript', 'bin/cli.js'), documentOf(service), '-o', `${service}.ts`]
        const { stderr } = await run(process.execPath, words, { cwd: folder, env })
        t.notMatch(stderr, /warn|error/i, service)
      }
      t.equal(await outputOf(folder, 'openapi-fetch', urls), told)
    })

    await t.test('@hey-api/openapi-ts, from 3.1', async (t) => {
      const folder = t.testdir()
      for (const service of services) {
        const generator = commandOf('@hey-api/openapi-ts', 'bin/run.js')
        const words = [generator, '-i', documentOf(service), '-o', service, '-c', '@hey-api/client-fetch']
        const { stdout, stderr } = await run(process.execPath, words, { cwd: folder, env })
        t.notMatch(stdout + stderr, /warn|error|missing|skipp/i, service)
      }
      t.equal(await outputOf(folder, 'hey-api', urls), told)
    })

    const skip = missing.length > 0 && `without ${missing.join(', ')}`
    await t.test('openapi-generator for Java, from 3.0', { skip }, async (t) => {
      const folder = t.testdir()
      for (const service of services) await makeJavaClient(t, folder, service)
      const path = jars.join(delimiter)
      const classes = join(folder, 'classes')
      mkdirSync(classes)
      const sources = [...services.map((service) => join(folder, service, 'src/main')), programs].flatMap(javaIn)
      writeFileSync(join(folder, 'sources'), sources.map((source) => `"${source}"`).join('\n'))
      await run('javac', ['-nowarn', '-proc:none', '-cp', path, '-d', classes, `@${folder}/sources`], {
        env,
        maxBuffer,
      })
      const words = ['-cp', [classes, path].join(delimiter), 'OpenApiGenerator', ...urls, 'by-openapi-generator']
      t.equal((await run('java', words, { env })).stdout, told)
    })
  },
)

function documentOf(name: string): string {
  return join(root, 'openapi', `${name}.json`)
}

function commandOf(name: string, path: string): string {
  return join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), path)
}

/** Compiles a program with what was generated for it, strictly, and gives what it prints. */
async function outputOf(folder: string, program: string, urls: readonly string[]): Promise<string> {
  copyFileSync(join(programs, `${program}.ts.txt`), join(folder, 'use.ts'))
  const strictly = { strict: true, target: 'es2024', module: 'nodenext', types: ['node'], skipLibCheck: true }
  const configuration = { compilerOptions: { ...strictly, outDir: 'out' }, files: ['use.ts'] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(configuration))
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  const compiled = spawnSync(process.execPath, [commandOf('typescript', 'bin/tsc'), '-p', folder], { env })
  if (compiled.status !== 0) throw new Error(compiled.stdout.toString().slice(0, 4_000))
  return (await run(process.execPath, [join(folder, 'out/use.js'), ...urls, `by-${program}`], { env })).stdout
}

/** From Debian: libjackson2-databind-java, libjsr305-java, libgeronimo-annotation-1.3-spec-java. */
const jars = ['jackson-core', 'jackson-annotations', 'jackson-databind', 'jsr305', 'geronimo-annotation-1.3-spec'].map(
  (name) => `/usr/share/java/${name}.jar`,
)
const missing = [
  ...['java', 'javac'].filter((name) => spawnSync(name, ['-version']).status !== 0),
  ...jars.filter((jar) => !existsSync(jar)),
]

/**
 * Not about a fault: it takes the first of several media types, its folder is empty at first, and it would like every component that stands
 * alone in an `allOf` to have a discriminator.
 */
const usual = /Multiple schemas found in the OAS 'content' section|CodegenIgnoreProcessor|without use of 'discriminator/

async function makeJavaClient(t: Test, folder: string, service: string): Promise<void> {
  const jar = commandOf('@openapitools/openapi-generator-cli', 'bin/openapi-generator.jar')
  const place = `client.${service}`
  const packages = `invokerPackage=${place},apiPackage=${place}.api,modelPackage=${place}.model`
  const settings = `hideGenerationTimestamp=true,openApiNullable=false,dateLibrary=java8,${packages}`
  const to = ['-g', 'java', '--library', 'native', '-o', service, '--additional-properties', settings]
  const words = ['-jar', jar, 'generate', '-i', documentOf(`${service}-3.0`), ...to]
  const { stdout, stderr } = await run('java', words, { cwd: folder, env, maxBuffer })
  const complaints = `${stdout}\n${stderr}`.split('\n').filter((line) => /\b(?:WARN|ERROR)\b/.test(line))
  const faults = complaints.filter((line) => !usual.test(line))
  t.same(faults, [], service)
}

function javaIn(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return names.filter((name) => name.endsWith('.java')).map((name) => join(folder, name))
}
