import type { RouteDefinition } from '@commitments/http-kit'
import type { Service } from '../service.ts'
import { listChangesRoute, listProposalChangesRoute } from './changes.ts'
import { checkDriftRoute } from './check-drift.ts'
import { listEventTypesRoute } from './event-types.ts'
import { readFeedRoute } from './feed.ts'
import { getActivityRoute } from './get-activity.ts'
import { getCalendarRoute } from './get-calendar.ts'
import { getProposalMomentsRoute } from './get-moments.ts'
import { getPortfolioRoute } from './get-portfolio.ts'
import { getProposalRoute } from './get-proposal.ts'
import { getProposalIatiRoute } from './get-proposal-iati.ts'
import { getSeriesRoute } from './get-series.ts'
import { getVocabularyRoute } from './get-vocabulary.ts'
import { getProposalEventRoute, listProposalEventsRoute } from './history.ts'
import { listIatiActivitiesRoute } from './iati-activities.ts'
import { getIatiReportRoute } from './iati-report.ts'
import { listPartiesRoute } from './list-parties.ts'
import { listProposalsRoute } from './list-proposals.ts'
import { logRoutes } from './log-routes.ts'
import { listProjectionsRoute, rebuildRoute } from './projections.ts'
import { tableRoutes } from './tables.ts'
import { webhookRoutes } from './webhooks.ts'

/** All routes. They use the service only when they are called, so documents can be made from them without one. */
export function projectionRoutes(service: Service): RouteDefinition[] {
  return [
    listProposalsRoute(service),
    getProposalRoute(service),
    listProposalEventsRoute(service),
    getProposalEventRoute(service),
    listProposalChangesRoute(service),
    getProposalMomentsRoute(service),
    listChangesRoute(service),
    listEventTypesRoute(service),
    getVocabularyRoute(service),
    readFeedRoute(service),
    getPortfolioRoute(service),
    getSeriesRoute(service),
    listPartiesRoute(service),
    getCalendarRoute(service),
    getActivityRoute(service),
    ...tableRoutes(service),
    listIatiActivitiesRoute(service),
    getIatiReportRoute(service),
    getProposalIatiRoute(service),
    listProjectionsRoute(service),
    rebuildRoute(service),
    checkDriftRoute(service),
    ...webhookRoutes(service),
    ...logRoutes(service),
  ]
}
