/**
 * Writes the OpenAPI documents of both services, each in 3.1 and 3.0, made from their routes alone: no database is needed.
 *
 *   node scripts/dump-openapi.ts           writes openapi/{command,projection}{,-3.0}.json
 *   node scripts/dump-openapi.ts --check   exits with 1 where one of them is out of date
 */
import { commandApi, commandProblemTypes, commandRoutes } from '@commitments/command'
import { buildApp, createLogger, editionOf30, loadApiKeys, openApiDocument } from '@commitments/http-kit'
import { projectionApi, projectionProblemTypes, projectionRoutes } from '@commitments/projection'
import { Registry } from 'prom-client'
import { writeOrCheck } from './write-or-check.ts'

/** Handlers are never called here, so they need none of their dependencies. */
const nobody = undefined as never

const services = [
  { file: 'command', ...commandApi, problemTypes: commandProblemTypes, routes: commandRoutes(nobody, () => '') },
  { file: 'projection', ...projectionApi, problemTypes: projectionProblemTypes, routes: projectionRoutes(nobody) },
]

for (const { file, ...api } of services) {
  const document = await describe(api)
  await write(`${file}.json`, document)
  await write(`${file}-3.0.json`, editionOf30(document))
}

async function write(file: string, document: object): Promise<void> {
  const text = `${JSON.stringify(document, null, 2)}\n`
  await writeOrCheck(new URL(`../openapi/${file}`, import.meta.url), text, 'scripts/dump-openapi.ts')
}

async function describe(api: Omit<(typeof services)[number], 'file'>): Promise<object> {
  const logger = createLogger({ name: api.name, level: 'silent' })
  const keys = loadApiKeys({})
  const app = await buildApp({ ...api, keys, readAccess: 'public', logger, checks: [], metrics: new Registry() })
  const document = openApiDocument(app)
  await app.close()
  return document
}
