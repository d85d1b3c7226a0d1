import { CoxError } from '@coxswain/kernel'
import type { CheckFinding, CheckRequest } from './check-runner.ts'
import { matchPatterns } from './match-patterns.ts'

/** Runs a pattern or an ast-grep rule object. TypeScript rules also see `.tsx`. @throws CoxError CHECK_BROKEN */
export async function runAstGrep({ check, files, root, signal }: CheckRequest): Promise<readonly CheckFinding[]> {
  if (!('language' in check)) throw new Error('not an ast-grep check')
  const [found] = await matchPatterns([{ check, files }], { root, cache: null, ...(signal === undefined ? {} : { signal }) })
  if (found instanceof CoxError) throw found
  return found ?? []
}
