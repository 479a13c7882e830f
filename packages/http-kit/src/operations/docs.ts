/** `/openapi.json` and the readable page made from it, `/docs`. */
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { docsPolicy } from '../headers/response-headers.ts'
import { defineRoute, type RouteDefinition } from '../route/route.ts'

const Document = z
  .looseObject({ openapi: z.string().max(20).meta({ description: 'The version of the OpenAPI Specification.' }) })
  .meta({ id: 'OpenApiDocument', description: 'An OpenAPI document.' })

/** The document is put together after its own route is defined, so it comes as a function. */
export function openApiRoute(text: () => string): RouteDefinition {
  return defineRoute({
    method: 'GET',
    url: '/openapi.json',
    operationId: 'getOpenApi',
    tag: 'Operations',
    summary: 'This document',
    access: 'public',
    responses: { 200: { description: 'OpenAPI 3.1.', schema: Document } },
    problems: [],
    work: 'memory',
    handler: () => ({ status: 200, body: text() }),
  })
}

/** @param publicUrl the public address of the service; its path is put before the paths of everything that the page loads */
export async function registerDocs(
  app: FastifyInstance,
  title: string,
  document: object,
  publicUrl: string,
): Promise<void> {
  await app.register(swagger, { mode: 'static', specification: { document: document as never } })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    indexPrefix: publicUrl === '' ? '' : new URL(publicUrl).pathname,
    staticCSP: docsPolicy,
    theme: { title },
    uiConfig: { docExpansion: 'list', deepLinking: true, tryItOutEnabled: false, displayRequestDuration: true },
  })
}
