/** Figures and settings in pages and OpenAPI documents agree with the code. */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readConfig as readCommandConfig } from '@commitments/command'
import { bounds } from '@commitments/domain'
import { oldestPostgres } from '@commitments/event-store'
import { usualStallLimitMs } from '@commitments/http-kit'
import { readConfig as readProjectionConfig } from '@commitments/projection'
import t from 'tap'
import { gateLimits } from '../packages/http-kit/src/app/build-app.ts'
import { connectionLimits } from '../packages/http-kit/src/limits/connections.ts'
import { historyEvents, historyEventsOfImport } from '../services/command/src/recorder/decide.ts'
import { atomicLimits } from '../services/command/src/routes/bulk-atomic.ts'
import { usualPatience } from '../services/command/src/routes/record-events.ts'
import { usualRoom } from '../services/command/src/routes/spool.ts'
import { pageBytes } from '../services/projection/src/lists/question.ts'
import { proposalsOfWorkbook } from '../services/projection/src/routes/tables.ts'
import { proposalsAtOnce } from '../services/projection/src/routes/whole-list.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
/** Lines may break anywhere. */
const read = (file: string) => readFileSync(join(root, file), 'utf8').replaceAll(/\s+/g, ' ')
const readme = readFileSync(join(root, 'README.md'), 'utf8')

const count = (number: number) => number.toLocaleString('en')
const mebibytes = (bytes: number) => `${bytes / 1024 / 1024} MiB`
const seconds = (milliseconds: number) => `${milliseconds / 1_000}`

const atomic = `at most ${count(atomicLimits.lines)} events and ${mebibytes(atomicLimits.bytes)}`
const spooled = mebibytes(usualRoom.fileBytes)
const stalled = seconds(usualStallLimitMs)
const silent = seconds(usualPatience.silentMs)

const promised: Readonly<Record<string, readonly string[]>> = {
  'README.md': [
    atomic,
    `(at most ${spooled} for all clients)`,
    `A client that reads nothing for ${stalled} seconds after the last line is disconnected`,
    `an import that is silent for ${silent} seconds is ended`,
    `The next ${gateLimits.waiting} of each kind wait for at most ${seconds(gateLimits.patience)} seconds`,
    `and ${proposalsOfThePortfolio() - 3} more.`,
    `Postgres ${oldestPostgres} is the oldest that works.`,
  ],
  'packages/local-postgres/src/binaries.ts': [`(version ${oldestPostgres} or later)`],
  'openapi/command.json': [
    atomic,
    `(up to ${spooled} for all clients together`,
    `reads nothing for ${stalled} seconds`,
    `stays silent for ${silent} seconds ends the import`,
    `takes more than ${seconds(usualPatience.lineMs)} seconds to arrive`,
    `must be complete within ${seconds(usualPatience.atomicMs)} seconds`,
  ],
  'docs/decisions/0017-one-gate.md': [
    `${connectionLimits.atOnce} requests are processed`,
    `All connections together hold ${count(connectionLimits.held)}`,
    `${gateLimits.waiting} of each kind wait, for ${seconds(gateLimits.patience)} s at most`,
    `read in portions of ${mebibytes(pageBytes)}`,
    `taken yet may have ${mebibytes(gateLimits.untaken)} in all`,
    `who takes none for ${stalled} s is cut off`,
    `${mebibytes(connectionLimits.untaken)} may lie ready for all connections before those that take nothing for ${seconds(connectionLimits.pressed)} s`,
  ],
  'docs/tables.md': [
    `A workbook has at most ${count(proposalsOfWorkbook)} proposals`,
    `read in pages of ${proposalsAtOnce} proposals`,
  ],
  'docs/decisions/0018-order-of-the-world.md': [
    `${count(historyEvents)} events of histories`,
    `more than ${count(historyEventsOfImport)} is refused`,
  ],
  'CHANGELOG.md': [
    `(${count(bounds.events)} events, ${mebibytes(bounds.bytes)}, ${bounds.parties} parties, ${count(bounds.links)} links, ${bounds.depth} levels)`,
  ],
}

function proposalsOfThePortfolio(): number {
  const lines = globSync('data/*.ndjson', { cwd: root }).flatMap((file) =>
    readFileSync(join(root, file), 'utf8').trim().split('\n'),
  )
  return new Set(lines.map((line) => (JSON.parse(line) as { proposalId: string }).proposalId)).size
}

for (const [page, sentences] of Object.entries(promised)) {
  t.test(`the figures of ${page} are those of the code`, async (t) => {
    const text = read(page)
    for (const sentence of sentences) t.ok(text.includes(sentence), sentence)
  })
}

t.test('the defaults in the README are those of an empty environment', async (t) => {
  const command = readCommandConfig({})
  const projection = readProjectionConfig({})
  const told = new Map<string, string>()
  for (const [, names = '', value = ''] of readme.matchAll(/^\| (`[A-Z_`, ]+`) \| ([^|]*) \|/gm)) {
    for (const [, name = ''] of names.matchAll(/`([A-Z_]+)`/g)) told.set(name, value.replaceAll('`', ''))
  }
  const given = new Map<string, unknown>(Object.entries({ ...command, ...projection }))
  given.delete('PORT')
  t.equal(told.get('COMMAND_PORT'), `${command.PORT}, ${projection.PORT}`)
  for (const [name, value] of given) {
    const isNone = Array.isArray(value) && value.length === 0
    t.match(told.get(name), isNone ? 'none' : String(value), name)
  }
  t.ok(given.size >= 12, `${given.size} variables have a default`)
  for (const [name, value] of told) if (/^(?:absent|off)/.test(value)) t.notOk(given.has(name), `${name} has none`)
})

t.test('the README lists every variable that a service reads, and docs/relay.md those of the relay', async (t) => {
  const files = globSync(['packages/http-kit/src/app/common-variables.ts', 'services/*/src/**/*config.ts'], {
    cwd: root,
  })
  const variables = files.flatMap((file) => {
    const pages = file.startsWith('services/relay/') ? read('docs/relay.md') : readme
    const names = [...readFileSync(join(root, file), 'utf8').matchAll(/^ {2}([A-Z][A-Z_]+): /gm)]
    return names.map(([, name = '']) => ({ name, pages }))
  })
  t.ok(variables.length >= 36, `${variables.length} were found`)
  for (const { name, pages } of variables) t.match(pages, new RegExp(`\\b${name}\\b`), name)
})

t.test('.env.example lists exactly the variables of docker-compose.yml, with the same defaults', async (t) => {
  const compose = readFileSync(join(root, 'docker-compose.yml'), 'utf8')
  const asked = [...compose.matchAll(/\$\{([A-Z_]+)(?::-([^}]*))?/g)]
  const example = readFileSync(join(root, '.env.example'), 'utf8')
  const given = new Map([...example.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]))
  t.same([...given.keys()].toSorted(), [...new Set(asked.map(([, name = '']) => name))].toSorted())
  for (const [, name = '', fallback = ''] of asked) {
    if (fallback !== '' && given.get(name) !== '') t.equal(given.get(name), fallback, name)
  }
})
