import express, { type ErrorRequestHandler, type Request, type Response, type Router } from 'express'
import { z } from 'zod'
import type { HostRemovalParts } from '../actions/host-removals.js'
import type { Holds } from '../database/holds.js'
import { complaint } from '../text/complaint.js'
import { messageOf } from '../text/error-message.js'
import { batchOfAsker } from './asked-once.js'
import { EventStreams } from './event-streams.js'
import { openapi } from './openapi.js'
import { documented, Problem, problemOf } from './problem.js'
import { bodyOf, queryOf } from './question.js'
import { rateLimits } from './rate-limits.js'
import { removalRoutes } from './removal-routes.js'
import { askedOf, checked, route, type Answer, type Route } from './route.js'
import { sessionRoutes } from './session-routes.js'
import { checkTokens, tokenOf, type ApiOptions, type ApiToken } from './tokens.js'

/** What the API is made of. */
export interface ApiParts extends HostRemovalParts {
  holds: Holds
  report(message: string): void
}

/**
 * An Express router by which programs see sessions and end them. Nothing but a token says who asks: a cookie of somebody
 * who is logged in opens nothing, so no page of another site can ask for anything.
 *
 * @param signal ends its streams, and its answers
 * @throws TypeError where the options are wrong
 */
export function sessionsApi(parts: ApiParts, options: ApiOptions, signal: AbortSignal): Router {
  const tokens = checkTokens(options)
  const asking = new WeakMap<Request, ApiToken>()
  const limits = rateLimits((request) => asking.get(request)!.name, signal)
  // Each request says so.
  limits.catch(() => {})
  const routes = routesOf(parts, signal)
  const router = express.Router()
  router.use((_, response, next) => {
    response.set('Cache-Control', 'no-store')
    next(signal.aborted ? new Problem(503, 'The back office is stopping.', 'Ask again later.') : undefined)
  })
  router.use((request, response, next) => {
    const { authorization } = request.headers
    const token = tokenOf(tokens, authorization)
    if (token === undefined) {
      const go = (error?: unknown) => next(error ?? notKnown(authorization))
      return void limits.then(({ ofStranger }) => ofStranger(request, response, go)).catch(next)
    }
    asking.set(request, token)
    void limits.then(({ ofToken }) => ofToken(request, response, next)).catch(next)
  })
  for (const path of new Set(routes.map((one) => one.path))) {
    const here = router.route(path)
    const those = routes.filter((one) => one.path === path)
    for (const one of those) {
      here[one.method]((request, response, next) => {
        answer(one, request, response, asking.get(request)!).catch(next)
      })
    }
    const allow = [...those.flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : ['POST'])), 'OPTIONS'].join(
      ', ',
    )
    here.options((_, response) => void response.status(204).set('Allow', allow).end())
    here.all((_, __, next) => next(new Problem(405, 'No such method here.', `Use ${allow}.`, { Allow: allow })))
  }
  router.use((_, __, next) => next(new Problem(404, 'There is nothing at this address.', documented)))
  router.use(asProblem(parts.report))
  return router
}

function routesOf(parts: ApiParts, signal: AbortSignal): Route[] {
  const streams = new EventStreams(parts.database.events, signal)
  const routes = [
    ...sessionRoutes(parts.database),
    ...removalRoutes(parts, 'api'),
    route({
      ...{ method: 'get', path: '/events', scope: 'read', status: 200, answer: null },
      summary: 'What happens, as it happens: server-sent events of what this process reads and ends',
      handler: async (_, response) => streams.add(response!),
    }),
    route({
      ...{ method: 'get', path: '/openapi.json', scope: 'read', status: 200, answer: ['Document', z.looseObject({})] },
      summary: 'This document',
      handler: async () => ({ body: document }),
    }),
  ]
  const document = openapi(routes)
  return routes
}

async function answer(one: Route, request: Request, response: Response, token: ApiToken): Promise<void> {
  const { scope, status, body, handler } = one
  if (!token.scopes.includes(scope)) {
    throw new Problem(403, `This token has not the scope "${scope}".`, 'Use one that has.', {
      'WWW-Authenticate': `${challenge}, error="insufficient_scope", scope="${scope}"`,
    })
  }
  const asked = await askedOf(one, {
    id: (request.params as { id?: string }).id,
    query: queryOf(request),
    body: () => questionIn(request, response, body),
    ...{ by: token.name, ip: request.ip ?? null, baseUrl: request.baseUrl },
  })
  const answered = await handler(asked, response)
  if (answered) send(response, status, 'application/json', answered)
}

/** The body, with the batch that Idempotency-Key says. */
async function questionIn(request: Request, response: Response, shape: Route['body']): Promise<unknown> {
  const body = (await bodyOf(request, response)) ?? {}
  const key = request.get('idempotency-key')
  if (shape === undefined || key === undefined || typeof body !== 'object' || Array.isArray(body)) return body
  const batch = checked('Idempotency-Key', batchOfAsker, key)
  const own = (body as { batch?: unknown }).batch
  if (own !== undefined && own !== batch) {
    throw new Problem(400, 'Idempotency-Key and batch are not the same.', 'Send one of them.')
  }
  return { ...body, batch }
}

const challenge = 'Bearer realm="adminjs-sessions"'

function notKnown(authorization: string | undefined): Problem {
  return authorization === undefined
    ? new Problem(401, 'No token came with this request.', 'Send "Authorization: Bearer …".', {
        'WWW-Authenticate': challenge,
      })
    : new Problem(401, 'Nobody has this token.', 'Send one whose SHA-256 is among those of sessions.api.', {
        'WWW-Authenticate': `${challenge}, error="invalid_token"`,
      })
}

function asProblem(report: ApiParts['report']): ErrorRequestHandler {
  const { say } = complaint(report)
  const once = (error: unknown) => say(`the HTTP API could not answer: ${messageOf(error)}`)
  // Express knows it by its four parameters.
  return (error: unknown, _request, response, _next) => {
    const problem = problemOf(error, once)
    // A stream, or an answer that was on its way.
    if (response.headersSent) return void response.destroy()
    send(response, problem.status, 'application/problem+json', { body: problem.answer(), headers: problem.headers })
  }
}

function send(response: Response, status: number, type: string, { body, headers = {} }: Answer): void {
  // Express would add a charset, which JSON has none of.
  response.writeHead(status, { ...headers, 'Content-Type': type })
  response.end(JSON.stringify(body))
}
