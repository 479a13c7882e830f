export {
  buildCommandApp,
  type CommandLimits,
  commandApi,
  commandProblemTypes,
  commandRoutes,
} from './app.ts'
export { readConfig } from './config.ts'
