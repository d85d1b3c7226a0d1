import { instant, sleep, type Clock } from '@coxswain/kernel'

export const systemClock: Clock = {
  now: () => instant(Date.now()),
  sleep: (duration, signal) => sleep(duration, signal),
}
