import { defineRoute, problem, type RouteDefinition } from '@commitments/http-kit'
import { z } from 'zod'
import { checkAll } from '../drift/drift.ts'
import { readLive } from '../projections/generations.ts'
import { knownProjection, ProjectionNameSchema } from '../routes/projections.ts'
import { assertWrites, headOf, reading, readProblems } from '../routes/reading.ts'
import type { Service } from '../service.ts'

export function checkDriftRoute(service: Service): RouteDefinition {
  return defineRoute({
    method: 'POST',
    url: '/v1/projections/:name/drift-check',
    operationId: 'checkDrift',
    tag: 'Operations',
    summary: 'Compare the served statuses with the events',
    description:
      'Compares the data of a projection for every proposal with a fresh fold of its events, at once and not at the slow pace of the background check. Follow it at `/v1/projections`: differences are shown there, in `/health/ready` and in the metrics, and the header `Log-Alarm` reports them to readers.',
    access: { scope: 'admin' },
    params: z.strictObject({ name: z.string().min(1).max(80) }),
    responses: {
      202: {
        description: 'Started.',
        schema: z
          .object({ name: ProjectionNameSchema })
          .meta({ id: 'DriftCheckStarted', description: 'The read model whose proposals are compared.' }),
        headers: ['Location', 'Log-Position', 'Log-Id'],
      },
    },
    work: 'lookup',
    problems: ['unknown-projection', 'drift-check-running', 'rebuild-due', 'only-reads', ...readProblems],
    handler: async ({ params: { name } }) => {
      const projection = knownProjection(name)
      assertWrites(service)
      const { rules } = await reading(() => readLive(service.pool, projection.name))
      if (rules !== service.rules) throw rebuildDue()
      if (!(await reading(() => checkAll(service.drift, projection.name)))) {
        throw problem('drift-check-running', 'A requested round over all proposals is already running.')
      }
      const headers = { ...headOf(service, service.view), location: '/v1/projections', 'cache-control': 'no-store' }
      return { status: 202, headers, body: { name: projection.name } }
    },
  })
}

function rebuildDue(): Error {
  return problem(
    'rebuild-due',
    'The live generation was folded by other rules than those of this service: rebuild first.',
  )
}
