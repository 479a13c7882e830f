export {
  buildCommandApp,
  type CommandApp,
  type CommandDeps,
  type CommandLimits,
  commandApi,
  commandProblemTypes,
  commandRoutes,
} from './app.ts'
export { type CommandConfig, readConfig } from './config.ts'
