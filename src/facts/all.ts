import { dateTime } from './date-time.ts'
import { devices } from './devices.ts'
import { distribution } from './distribution.ts'
import { dns } from './dns.ts'
import { environment } from './environment.ts'
import type { Fact } from './fact.ts'
import { hardware } from './hardware.ts'
import { local } from './local.ts'
import { mounts } from './mounts.ts'
import { network } from './network.ts'
import { product } from './product.ts'
import { python } from './python.ts'
import { security } from './security.ts'
import { services } from './services.ts'
import { system } from './system.ts'
import { user } from './user.ts'
import { virtualization } from './virtualization.ts'

export { gatherScript, readFacts, selectFacts } from './gather.ts'

/** All that is looked for on a host, in one frame. */
export const facts: readonly Fact[] = [
  system,
  distribution,
  services,
  user,
  environment,
  dateTime,
  security,
  python,
  local,
  hardware,
  mounts,
  devices,
  product,
  network,
  dns,
  virtualization,
]
