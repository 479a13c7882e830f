/** Tells programs whose tokens the service takes (RFC 9728). */
import { z } from 'zod'
import { tokenScopes } from '../keys/key-entries.ts'
import { problem } from '../problems/problem.ts'
import { metadataPath } from '../request/challenge.ts'
import { defineRoute, type RouteDefinition } from '../route/route.ts'
import type { Tokens } from '../tokens/tokens.ts'

const text = z.string().max(2000)
const Metadata = z
  .object({
    resource: text.meta({ format: 'uri', description: 'The public address of the service.' }),
    authorization_servers: z.array(text).max(1000).meta({ description: 'The issuers whose access tokens are taken.' }),
    scopes_supported: z.array(text).max(1000).meta({ description: 'Scopes to ask an issuer for.' }),
    bearer_methods_supported: z
      .array(z.literal('header'))
      .max(1)
      .meta({ description: 'Where a token is sent: in the header `Authorization`.' }),
    resource_name: text.meta({ description: 'What the service is called, for people.' }),
    resource_documentation: text.meta({ description: 'The address of a page about the service, for people.' }),
  })
  .meta({ id: 'ResourceMetadata', description: 'OAuth 2.0 Protected Resource Metadata (RFC 9728).' })

export function metadataRoute(tokens: Tokens | null, publicUrl: string, title: string): RouteDefinition {
  return defineRoute({
    method: 'GET',
    url: metadataPath,
    operationId: 'getResourceMetadata',
    tag: 'Operations',
    summary: 'Whose access tokens are taken',
    description:
      'For programs that sign in: the issuers, and the scopes to ask them for (RFC 9728). 404 where only keys are taken, or the service does not know its public address.',
    access: 'public',
    responses: { 200: { description: 'The metadata.', schema: Metadata, headers: ['Cache-Control'] } },
    problems: ['not-found'],
    work: 'memory',
    openToPages: true,
    handler: () => {
      if (tokens === null)
        throw problem('not-found', 'This service takes keys only: no issuer of tokens is configured.')
      if (publicUrl === '') {
        throw problem(
          'not-found',
          'The service does not know its public address (PUBLIC_URL), which the metadata name.',
        )
      }
      return {
        status: 200,
        headers: { 'cache-control': 'public, max-age=300' },
        body: {
          resource: publicUrl,
          authorization_servers: tokens.issuers.map(({ settings }) => settings.issuer),
          scopes_supported: scopesToAskFor(tokens),
          bearer_methods_supported: ['header'],
          resource_name: title,
          resource_documentation: `${publicUrl}/docs`,
        },
      }
    },
  })
}

/** As the issuers spell them: where a map gives ours, its values are asked for. Roles and groups are not asked for. */
function scopesToAskFor({ issuers }: Tokens): string[] {
  const found = issuers.flatMap(({ settings: { scopes: rule } }) => {
    if (!rule.claims.some((claim) => claim === 'scope' || claim === 'scp')) return []
    return rule.map === null ? tokenScopes : [...rule.map.keys()]
  })
  return [...new Set(found)].toSorted()
}
