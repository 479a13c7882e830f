import { codesOf, codesText } from '@commitments/domain'
import { defineRoute, type RouteDefinition } from '@commitments/http-kit'
import { z } from 'zod'
import type { Service } from '../service.ts'
import { readForks } from '../transparency/fork-records.ts'
import { forkSourceWords } from '../words.ts'
import { unchanged } from './covered.ts'
import { conditional, readHeaders, reading, readProblems, tagOf } from './reading.ts'

const LogId = z.string().max(36).meta({ format: 'uuid' })

const Fork = z
  .object({
    oldLogId: LogId.meta({ description: 'The `Log-Id` of the log that ended.' }),
    newLogId: LogId.meta({ description: 'The `Log-Id` of the log that replaced it.' }),
    note: z.string().max(20_000).nullable().meta({
      description: 'The last checkpoint of the old log that is known to have been signed; null if none is known.',
    }),
    source: z
      .enum(codesOf(forkSourceWords))
      .meta({ description: codesText('The source of that checkpoint.', forkSourceWords) }),
    witness: z
      .string()
      .max(1_000)
      .nullable()
      .meta({ description: 'The name of the witness that cosigned it; null for the other sources.' }),
    reason: z.string().max(10_000).meta({ description: 'Why the operator accepted the restore.' }),
    firstPosition: z
      .int()
      .min(1)
      .meta({
        description:
          'The first position at which the new log may differ from the old one: after the last event that the restored database knew to have been signed. ' +
          'If `note` has more events, those from here on were given up.',
      }),
    recordedAt: z.string().max(40).meta({ format: 'date-time', description: 'When the restore was accepted.' }),
  })
  .meta({ id: 'Fork', description: 'A log ended, and another one replaced it.' })

export function listForksRoute(service: Service): RouteDefinition {
  return defineRoute({
    method: 'GET',
    tag: 'Transparency log',
    access: { scope: 'audit' },
    openToPages: true,
    work: 'lookup',
    url: '/v1/log/forks',
    operationId: 'listForks',
    summary: 'Restores after which another log replaced this one',
    description:
      'Every accepted restore, oldest first: the last signed state of the log that ended there, and the reason. The sizes show whether signed events are no longer in the log.',
    responses: {
      200: {
        description: 'The forks; none for a ledger that was never restored.',
        schema: z
          .object({ forks: z.array(Fork).max(1000).meta({ description: 'The oldest first.' }) })
          .meta({ id: 'ForkList', description: 'The restores of this ledger.' }),
        headers: readHeaders,
      },
      304: unchanged,
    },
    problems: readProblems,
    handler: async ({ raw }) => {
      const body = JSON.stringify({ forks: await reading(() => readForks(service.pool)) })
      const { logId, position } = service.view
      return conditional(service, raw, { body, etag: tagOf(logId, body), logId, position })
    },
  })
}
