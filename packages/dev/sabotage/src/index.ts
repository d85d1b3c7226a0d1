export { readList, type Sabotage, type SabotageList } from './read-list.ts'
export { runSabotages, type Verdict } from './run-sabotages.ts'
