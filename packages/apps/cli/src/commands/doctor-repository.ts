import { userInfo } from 'node:os'
import process from 'node:process'
import { ensureStateFolder, readEnvironment, readRepositoryState, stateFolder, type Repository } from '@coxswain/host'
import { errorMessage, isCoxError } from '@coxswain/kernel'
import type { Finding } from './doctor-finding.ts'

/** What about this clone and this account could get in the way, or surprise. */
export async function examineClone(repository: Repository): Promise<Finding[]> {
  const { locks, isShallow, isSparse, identity, signs, hooks } = await readRepositoryState(repository)
  const findings: Finding[] = locks.map(({ file, what, hint }) => ({
    subject: 'git lock',
    status: 'warning',
    what: `${file} ${what}`,
    fix: hint,
  }))
  if (identity === null)
    findings.push({
      subject: 'identity',
      status: 'info',
      what: 'git has none here, so that work lands in the name of Coxswain <coxswain@localhost>',
      fix: 'Another: git config user.name "…" and git config user.email "…"',
    })
  if (isShallow)
    findings.push({
      subject: 'shallow clone',
      status: 'info',
      what: 'earlier commits are missing: what compares with them says so',
      fix: 'All of them: git fetch --unshallow',
    })
  if (isSparse)
    findings.push({
      subject: 'sparse checkout',
      status: 'info',
      what: 'a part of the files is not here: `cox check` reads what is, landing leaves the rest as it is, agents and gates have all of them',
      fix: null,
    })
  if (signs)
    findings.push({
      subject: 'signing',
      status: 'info',
      what: 'commits are signed here: landings are signed with your key, those on the branches of runs are not; where the program does not answer in 10 s, a landing is not signed, and says so',
      fix: null,
    })
  return [...findings, ...examineHooks(hooks), ...examineAccount(), ...(await examineState(repository))]
}

const ofCommits = /^(?:pre-commit|prepare-commit-msg|commit-msg|pre-merge-commit|post-commit|pre-push)$/

function examineHooks({ folder, names }: { readonly folder: string; readonly names: readonly string[] }): Finding[] {
  const findings: Finding[] = []
  if (names.includes('reference-transaction'))
    findings.push({
      subject: 'hook',
      status: 'info',
      what: `${folder}/reference-transaction is asked before a branch of yours moves, and obeyed; it has 30 s to answer`,
      fix: null,
    })
  const others = names.filter((name) => ofCommits.test(name))
  if (others.length > 0)
    findings.push({
      subject: 'hooks',
      status: 'info',
      what: `${others.join(', ')} in ${folder} are not run for landings: gates judge the work, and nothing is pushed`,
      fix: 'What they check belongs into `gates`; how messages look, into `landing.message`',
    })
  return findings
}

/** A container may run as a number that no account has. */
function examineAccount(): Finding[] {
  try {
    userInfo()
    return []
  } catch {
    const what = `the user ${process.getuid?.() ?? ''} has no name on this machine; nothing here needs one`
    return [{ subject: 'account', status: 'info', what, fix: null }]
  }
}

async function examineState(repository: Repository): Promise<Finding[]> {
  try {
    const environment = readEnvironment()
    const folder = stateFolder(repository, environment)
    ensureStateFolder(folder)
    const { adoptionNotice } = await import('@coxswain/daemon')
    const notice = await adoptionNotice({ repository, folder, environment })
    return notice === null ? [] : [{ subject: 'history', status: 'warning', what: notice, fix: null }]
  } catch (error) {
    return [{ subject: 'state folder', status: 'problem', what: errorMessage(error), fix: isCoxError(error) ? error.hint : null }]
  }
}
