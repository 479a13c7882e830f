import { codesOf, codesText, ProposalId } from '@commitments/domain'
import { defineRoute, problem, queryInteger, type RouteDefinition } from '@commitments/http-kit'
import { z } from 'zod'
import { alarmCodes, alarmsOf } from '../alarms.ts'
import { DriftReport, type DriftReports, reportDrift } from '../drift/report.ts'
import { projectionNames } from '../projection-names.ts'
import { type Generation, readGenerations } from '../projections/generations.ts'
import { readLag } from '../projections/lag.ts'
import { type Projection } from '../projections/projection.ts'
import { readParked } from '../projections/read-parked.ts'
import { type RebuildStart, startRebuild } from '../projections/rebuild/runner.ts'
import { projections } from '../read-models.ts'
import type { Service } from '../service.ts'
import {
  alarmWords,
  generationPhaseWords,
  generationStateWords,
  projectionNameWords,
  projectionStateWords,
} from '../words.ts'
import { ParkedSchema } from './get-proposal.ts'
import { assertWrites, headOf, reading, readProblems } from './reading.ts'

export const ProjectionNameSchema = z
  .enum(projectionNames)
  .meta({ description: codesText('A read model.', projectionNameWords) })

const Count = z.int().min(0)

const GenerationReport = z
  .object({
    generation: z.int().min(1).meta({ description: 'Its number; a rebuild makes the next one.' }),
    state: z
      .enum(codesOf(generationStateWords))
      .meta({ description: codesText('Whether answers come from it.', generationStateWords) }),
    position: Count.meta({ description: 'The last position of the log that it has applied.' }),
    phase: z
      .enum(codesOf(generationPhaseWords))
      .meta({ description: codesText('The phase of a rebuild.', generationPhaseWords) }),
    done: Count.meta({ description: 'Events folded by the rebuild so far.' }),
    target: Count.meta({ description: 'Events to be folded by the rebuild.' }),
    differences: Count.nullable().meta({
      description: 'Proposals that differ from the live generation; null if both agree.',
    }),
    currentRules: z
      .boolean()
      .meta({ description: 'Whether the rules of this service folded it; if not, a rebuild is due.' }),
  })
  .meta({ id: 'Generation', description: 'One fold of the log into a read model.' })

const ProjectionReport = z
  .object({
    name: ProjectionNameSchema,
    generation: z.int().min(1).meta({ description: 'The live generation.' }),
    position: Count.meta({ description: 'The last position of the log that the live generation has applied.' }),
    head: Count.meta({ description: 'The last position of the log.' }),
    lag: z
      .object({
        events: Count.meta({ description: 'Events of the log that are not applied yet.' }),
        seconds: z
          .number()
          .min(0)
          .meta({ description: 'How long ago the oldest of them was recorded; 0 if there are none.' }),
      })
      .meta({ description: 'How far it is behind the log.' }),
    state: z
      .enum(codesOf(projectionStateWords))
      .meta({ description: codesText('How far it is.', projectionStateWords) }),
    rebuilding: z.boolean().meta({ description: 'Whether a new generation is being made.' }),
    generations: z
      .array(GenerationReport)
      .max(100)
      .meta({ description: 'The live generation and those that are being made or were kept.' }),
    parkedTotal: Count.meta({ description: 'The number of parked proposals.' }),
    parked: z
      .array(z.object({ proposalId: ProposalId, parked: ParkedSchema }))
      .max(100)
      .meta({ description: 'The first 100 proposals that are parked because an event cannot be applied.' }),
    drift: DriftReport,
  })
  .meta({ id: 'Projection', description: 'A read model and its progress.' })

const ProjectionList = z
  .object({
    projections: z.array(ProjectionReport).max(10).meta({ description: 'Every read model of the service.' }),
    alarms: z
      .array(
        z
          .object({
            alarm: z.enum(alarmCodes).meta({ description: codesText('What it is about.', alarmWords) }),
            detail: z.string().max(10_000).meta({ description: 'What was found, and what to do, in sentences.' }),
          })
          .meta({
            id: 'Alarm',
            description: 'Something that keeps nobody from reading, and that somebody must look at.',
          }),
      )
      .max(10)
      .meta({
        description: 'What is wrong now. While there are alarms, answers have them in the header `Log-Alarm`.',
      }),
  })
  .meta({ id: 'ProjectionList', description: 'The read models, and the alarms of the service.' })

export function listProjectionsRoute(service: Service): RouteDefinition {
  return defineRoute({
    method: 'GET',
    url: '/v1/projections',
    operationId: 'listProjections',
    tag: 'Operations',
    summary: 'The progress of the read models',
    description:
      'Generations, lag, parked proposals, the progress of a rebuild, differences from the events, and alarms.',
    access: { scope: 'read' },
    responses: {
      200: {
        description: 'The projections.',
        schema: ProjectionList,
        headers: ['Log-Position', 'Log-Id', 'Cache-Control'],
      },
    },
    problems: readProblems,
    work: 'lookup',
    handler: async () => {
      const reports = await reading(() => describe(service))
      const { logId } = service.view
      const position = Math.min(...reports.map((report) => report.position))
      const headers = { ...headOf(service, { logId, position }), 'cache-control': 'no-store' }
      return { status: 200, headers, body: { projections: reports, alarms: alarmsOf(service.alarms) } }
    },
  })
}

export function rebuildRoute(service: Service): RouteDefinition {
  return defineRoute({
    method: 'POST',
    url: '/v1/projections/:name/rebuild',
    operationId: 'rebuildProjection',
    tag: 'Operations',
    summary: 'Rebuild a read model from the whole log',
    description:
      'Starts a rebuild beside the live read model, which stays in service. When the new one is complete and shows the same, it replaces the live one. If it differs, it waits: call this again with `acceptDifferences` set to its generation. Follow it at `/v1/projections`.',
    access: { scope: 'admin' },
    params: z.strictObject({ name: z.string().min(1).max(80) }),
    query: z.strictObject({
      acceptDifferences: queryInteger(1, 2_147_483_647).optional().meta({
        description: 'The generation to make live, which an earlier rebuild left waiting because it differs.',
      }),
    }),
    responses: {
      202: {
        description: 'Started.',
        schema: z
          .object({ name: ProjectionNameSchema })
          .meta({ id: 'RebuildStarted', description: 'The read model that is being folded anew.' }),
        headers: ['Location', 'Log-Position', 'Log-Id'],
      },
    },
    problems: ['unknown-projection', 'rebuild-running', 'nothing-to-accept', 'only-reads', ...readProblems],
    work: 'lookup',
    handler: async ({ params: { name }, query }) => {
      const projection = knownProjection(name)
      assertWrites(service)
      const start = await reading(() => startRebuild(service.rebuilds, projection, query.acceptDifferences))
      if (start !== 'started') throw cannotStart(start)
      const headers = {
        ...headOf(service, service.view),
        location: '/v1/projections',
        'cache-control': 'no-store',
      }
      return { status: 202, headers, body: { name: projection.name } }
    },
  })
}

/** @throws the problem `unknown-projection` */
export function knownProjection(name: string): Projection {
  const projection = projections.find((one) => one.name === name)
  if (!projection) throw problem('unknown-projection', `The projections are ${projectionNames.join(' and ')}.`)
  return projection
}

function cannotStart(start: Exclude<RebuildStart, 'started'>): Error {
  if (start === 'busy') return problem('rebuild-running', 'A rebuild is already running, in this service or elsewhere.')
  if (start === 'log-changed') {
    const detail =
      'The log is not the one that its tree was built of, so what it comes to now is not accepted. Find out who changed it, and put the recorded lines back.'
    return problem('nothing-to-accept', detail)
  }
  return problem('nothing-to-accept', 'No generation of that number waits for its differences to be accepted.')
}

async function describe(service: Service) {
  const generations = await readGenerations(service.pool)
  const drift = await reportDrift(service.drift)
  return Promise.all(
    projections.map((one) =>
      describeOne(
        service,
        one,
        drift,
        generations.filter(({ projection }) => projection === one.name),
      ),
    ),
  )
}

async function describeOne(
  { pool, rules }: Service,
  projection: Projection,
  drift: DriftReports,
  generations: Generation[],
) {
  const { name } = projection
  const live = generations.find(({ state }) => state === 'live') as Generation
  const { position, head, events, seconds } = await readLag(pool, name)
  const { total, first } = await readParked(pool, projection, live.generation)
  return {
    name,
    generation: live.generation,
    position,
    head,
    lag: { events, seconds },
    state: events === 0 ? 'current' : 'catching-up',
    rebuilding: generations.some(({ state, phase }) => state === 'building' && phase !== 'differs'),
    generations: generations.map(({ rules: own, projection: _of, ...generation }) => ({
      ...generation,
      currentRules: own === rules,
    })),
    parkedTotal: total,
    parked: first,
    drift: drift.get(name) as z.output<typeof DriftReport>,
  }
}
