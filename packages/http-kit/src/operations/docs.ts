/** `/openapi.json`, `/openapi-3.0.json` and the readable page made from it, `/docs`. */
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { docsPolicy } from '../headers/response-headers.ts'
import { editionOf30 } from '../openapi/edition-3-0.ts'
import { editions } from '../openapi/open-api.ts'
import type { Answer } from '../route/responses.ts'
import { defineRoute, type RouteDefinition } from '../route/route.ts'

const Document = z
  .looseObject({ openapi: z.string().max(20).meta({ description: 'The version of the OpenAPI Specification.' }) })
  .meta({ id: 'OpenApiDocument', description: 'An OpenAPI document.' })

const common = { method: 'GET', tag: 'Operations', access: 'public', problems: [], work: 'memory' } as const

/** @param document makes the document in 3.1, when somebody first asks for it: that takes most of the time and memory of a start */
export function openApiRoutes(document: () => object): RouteDefinition[] {
  return [
    defineRoute({
      ...common,
      url: editions['3.1'],
      operationId: 'getOpenApi',
      summary: 'This document',
      responses: { 200: { description: 'OpenAPI 3.1.', schema: Document } },
      handler: kept(document),
    }),
    defineRoute({
      ...common,
      url: editions['3.0'],
      operationId: 'getOpenApi30',
      summary: 'This document in OpenAPI 3.0, for tools that do not read 3.1',
      description:
        'Made from the document in 3.1. Where 3.0 cannot say what 3.1 says, it allows more: it is made for generators of clients. Use 3.1 to check answers.',
      responses: { 200: { description: 'OpenAPI 3.0.', schema: Document } },
      handler: kept(() => editionOf30(document())),
    }),
  ]
}

/** Answers with a document that is written once, when somebody first asks for it. */
function kept(document: () => object): () => Answer {
  let text: string | undefined
  return () => ({ status: 200, body: (text ??= JSON.stringify(document())) })
}

/**
 * @param document gives the document, as above
 * @param publicUrl the public address of the service; its path is put before the paths of everything that the page loads
 */
export async function registerDocs(
  app: FastifyInstance,
  title: string,
  document: () => object,
  publicUrl: string,
): Promise<void> {
  const none = { openapi: '3.1.0', info: { title, version: '' }, paths: {} }
  await app.register(swagger, { mode: 'static', specification: { document: none } })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    indexPrefix: publicUrl === '' ? '' : new URL(publicUrl).pathname,
    staticCSP: docsPolicy,
    transformSpecification: () => document() as Record<string, unknown>,
    transformSpecificationClone: false,
    theme: { title },
    uiConfig: { docExpansion: 'list', deepLinking: true, tryItOutEnabled: false, displayRequestDuration: true },
  })
}
