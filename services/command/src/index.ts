export {
  buildCommandApp,
  type CommandDeps,
  type CommandLimits,
  commandApi,
  commandProblemTypes,
  commandRoutes,
} from './app.ts'
export { readConfig } from './config.ts'
