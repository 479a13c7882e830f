/** The OpenAPI 3.1 document of a service, from nothing but its routes: no server, no database. */
import type { FastifyInstance } from 'fastify'
import { responseHeaders } from '../headers/response-headers.ts'
import { type ProblemTypes, problemTypes } from '../problems/problem-types.ts'
import type { RouteDefinition } from '../route/route.ts'
import { describeMembers, type MeaningOfMember } from './describe-members.ts'
import { describeOperation } from './operation.ts'
import { type AnswerExamples, ProblemSchema, type ResponseContext } from './responses.ts'
import { createComponents, settleComponents, toJsonSchema } from './schema-components.ts'
import { describeSent, type SentRequest } from './sent.ts'

export interface ApiDescription {
  title: string
  description: string
  version: string
  routes: readonly RouteDefinition[]
  /** What the service sends to others. */
  sends?: readonly SentRequest[]
  /** In addition to those of http-kit. */
  problemTypes?: ProblemTypes
  /** Absolute; absent: the document refers to the server that it came from. */
  publicUrl?: string | undefined
  /** What a member of a component means, where its own schema does not say it. */
  meaningOf?: MeaningOfMember
  /** Of answers: real ones, taken from the service. */
  examples?: AnswerExamples
  /** Descriptions of the tags that the routes use. */
  tags?: Readonly<Record<string, string>>
}

type Json = Record<string, unknown>

/** Where the document is served, by its version of OpenAPI. */
export const editions = { '3.1': '/openapi.json', '3.0': '/openapi-3.0.json' } as const

/** The document of a running app; after `ready`. */
export function openApiDocument(app: FastifyInstance): object {
  return app.openApi()
}

/** The document of an API. */
export function describeApi(api: ApiDescription): Json {
  const components = createComponents()
  toJsonSchema(components, ProblemSchema, 'output')
  const context: ResponseContext = {
    components,
    examples: api.examples ?? {},
    types: { ...problemTypes, ...api.problemTypes },
    shared: new Map(),
  }
  const paths: Record<string, Json> = {}
  const documented = api.routes.filter(({ undocumented }) => !undocumented)
  for (const route of documented) {
    const path = route.url.replace(/:([A-Za-z]+)/g, '{$1}').replace(/\*$/, '{path}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: describeOperation(context, route) }
  }
  const webhooks = describeSent(components, api.sends ?? [])
  const { schemas, document } = settleComponents(components, { paths, webhooks })
  const responses = nameResponses(context)
  return {
    openapi: '3.1.0',
    info: describeInfo(api),
    externalDocs: {
      description: 'This document in OpenAPI 3.0, for tools that do not read 3.1',
      url: `${api.publicUrl ?? ''}${editions['3.0']}`,
    },
    servers: [{ url: api.publicUrl ?? '/' }],
    tags: describeTags({ ...api, routes: documented }),
    paths: document.paths,
    ...(api.sends === undefined ? {} : { webhooks: document.webhooks }),
    components: {
      schemas: describeMembers(schemas, api.meaningOf),
      responses,
      headers: describeHeaders([document, responses]),
      securitySchemes,
    },
  }
}

function nameResponses({ shared }: ResponseContext): Json {
  const named = [...shared.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return Object.fromEntries(named.map(({ name, response }) => [name, response]))
}

const securitySchemes = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'A key that the operator gave you, in `Authorization: Bearer <key>`.',
  },
  token: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      'An access token (RFC 9068) of an issuer that the operator has configured, in `Authorization: Bearer <token>`. `/.well-known/oauth-protected-resource` names the issuers (RFC 9728). It does what a key does.',
  },
}

function describeInfo({ title, description, version }: ApiDescription): Json {
  return { title, description, version, license: { name: 'Proprietary', identifier: 'LicenseRef-Proprietary' } }
}

function describeTags({ routes, tags = {} }: ApiDescription): Json[] {
  const names = [...new Set(routes.map(({ tag }) => tag))]
  return names.map((name) => ({ name, description: tags[name] ?? kitTags[name] ?? `${name}.` }))
}

const kitTags: Readonly<Record<string, string>> = {
  Operations: 'For operators: health, metrics, this document, and the pages of the problem types.',
}

/** The headers of the catalogue that the document refers to. */
function describeHeaders(document: unknown): Json {
  const text = JSON.stringify(document)
  const used = Object.entries(responseHeaders).filter(([name]) => text.includes(`"#/components/headers/${name}"`))
  return Object.fromEntries(
    used.map(([name, description]) => [name, { description, schema: { type: 'string', maxLength: 8000 } }]),
  )
}
