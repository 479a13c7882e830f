/**
 * Every log has a prefix of its own, `/log/<Log-Id>/` (C2SP tlog-tiles, Parameters). An accepted restore begins another log under another prefix, so
 * what is served under one never changes into something else, and caches may keep it for ever.
 */
import { readLogIdentity } from '@commitments/event-store'
import { defineRoute, ignoredQuery, problem, type RouteDefinition } from '@commitments/http-kit'
import { parseTilePath } from '@commitments/transparency'
import { z } from 'zod'
import type { Service } from '../service.ts'
import type { Cover } from '../transparency/published.ts'
import { notReady } from './covered.ts'
import { reading } from './reading.ts'

export const LogIdInPath = z
  .string()
  .max(100)
  .meta({ description: 'The Log-Id.', examples: ['00000000-0000-4000-8000-000000000001'] })

/** What every static resource of a log has in common. Unknown parameters of the query change nothing about it, and are ignored. */
export const staticResource = {
  method: 'GET',
  tag: 'Transparency log',
  access: { scope: 'audit' },
  query: ignoredQuery,
  openToPages: true,
  work: 'lookup',
} as const

export const prefixProblems = ['not-found', 'log-replaced'] as const

/**
 * What was found for the present log, if that is the log of the path.
 *
 * @throws the problem `log-replaced` for a log before an accepted restore, `not-found` for one that was never here, and `log-not-ready`
 */
export async function ofLog<Found extends Pick<Cover, 'logId'>>(
  service: Service,
  logId: string,
  found: Found | null,
): Promise<Found> {
  if (found?.logId === logId) return found
  const { present, was } = await reading(() => findLog(service, logId))
  if (present === logId) throw notReady('Nothing of this log is signed so far.')
  const there = `The present log is ${present}, at /log/${present}/.`
  if (!was) throw problem('not-found', `This service never had a log with this Log-Id. ${there}`)
  const detail = `This log ended with an accepted restore, and another one replaced it. ${there} /v1/log/forks has the last signed checkpoint of this log, and the reason.`
  throw problem('log-replaced', detail, { presentLogId: present })
}

async function findLog({ pool }: Service, logId: string): Promise<{ present: string; was: boolean }> {
  const { rows } = await pool.query<{ was: string }>('SELECT log_id::text AS was FROM log_identity')
  const { logId: present } = await readLogIdentity(pool)
  // Compared here, because the path can have what no text of the database has, such as U+0000. There is one row for each accepted restore.
  return { present, was: rows.some(({ was }) => was === logId) }
}

/** For who knows the service and not the Log-Id: leads to the same path of the present log. Nobody may keep where it led. */
export function findLogRoute(service: Service): RouteDefinition {
  return defineRoute({
    ...staticResource,
    url: '/log/*',
    operationId: 'findLog',
    summary: 'The present log',
    description:
      'Leads to the same path under the prefix of the present log, `/log/<Log-Id>/`: `/log/checkpoint`, `/log/vkey`, `/log/tile/…`. Programs that read ' +
      'a C2SP tlog-tiles log take the prefix.',
    params: z.strictObject({
      '*': z
        .string()
        .max(100)
        .meta({ description: 'A path below the prefix of a log.', examples: ['checkpoint'] }),
    }),
    responses: {
      302: { description: 'Where it is.', headers: ['Location', 'Cache-Control', 'Log-Id'] },
    },
    problems: ['not-found', 'unavailable'],
    handler: async ({ params: { '*': path } }) => {
      if (!['checkpoint', 'vkey'].includes(path) && parseTilePath(path) === null) throw noTile()
      const { logId } = await reading(() => readLogIdentity(service.pool))
      // Relative, so that it holds behind a proxy that serves us under a path of its own.
      const up = '../'.repeat(path.split('/').length - 1)
      return {
        status: 302,
        headers: { location: `${up}${logId}/${path}`, 'log-id': logId, 'cache-control': 'no-store' },
      }
    },
  })
}

export function noTile(): Error {
  return problem(
    'not-found',
    'This is not a path of a log: `checkpoint`, `vkey`, or that of a tile: `tile/<L>/<N>` or `tile/<L>/<N>.p/<W>`, with N in groups of three digits, as `x001/234`.',
  )
}
