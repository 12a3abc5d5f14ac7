import type { ChangeContext } from '../../../platform/db/index.js';
import type { PolicyContent } from '../policy-types.js';

/** A place where models serve. */
export interface Environment {
  readonly name: string;
  readonly description: string;
  /** `required`: only what a release approved for this very place is loaded; `none`: whoever may deploy may. */
  readonly approval: 'required' | 'none';
  /** What takes the place of the endpoint's own policy here, part by part. */
  readonly policy: Partial<PolicyContent>;
}

export interface EnvironmentService {
  /** @throws REL_ENVIRONMENT_INVALID, REL_ENVIRONMENT_IN_USE, REL_POLICY_INVALID */
  declareEnvironment(
    context: ChangeContext,
    environment: Environment,
  ): Promise<{ environment: Environment; changed: boolean }>;
  /** @throws REL_ENVIRONMENT_NOT_FOUND; REL_ENVIRONMENT_IN_USE while anything serves there or is on its way to, and for built-in ones */
  removeEnvironment(context: ChangeContext, name: string): Promise<void>;
  /** By name, the built-in ones first. */
  environments(): Promise<Environment[]>;
  /** @throws REL_ENVIRONMENT_NOT_FOUND */
  environment(name: string): Promise<Environment>;
  /** Whether a model is loaded there only when a release approved it. @throws REL_ENVIRONMENT_NOT_FOUND */
  needsApproval(environment: string): Promise<boolean>;
}
