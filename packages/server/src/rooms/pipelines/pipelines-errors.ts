import { defineErrors } from '@fairlead/kernel';

export const pipelinesErrors = defineErrors('pipelines', {
  PIP_NOT_FOUND: {
    status: 404,
    fault: 'user',
    title: 'No such pipeline',
    remedy: 'List the pipelines and use one of their names, or apply the project file that declares it.',
  },
  PIP_RUN_NOT_FOUND: {
    status: 404,
    fault: 'user',
    title: 'No such pipeline run',
    remedy: 'List the runs of the pipeline and use one of their ids.',
  },
  PIP_SPEC_INVALID: {
    status: 400,
    fault: 'user',
    title: 'The pipeline cannot run as it is declared',
    remedy: 'Mend the problems named in the message and declare it again.',
  },
  PIP_PARAM_INVALID: {
    status: 400,
    fault: 'user',
    title: 'A parameter of the run does not fit the pipeline',
    remedy: 'Give only parameters that the pipeline declares, with values its steps accept.',
  },
  PIP_FOLDER_FORBIDDEN: {
    status: 403,
    fault: 'user',
    title: 'The pipeline may not have its code in this folder',
    remedy: 'Apply the project file with `fairlead apply`, or name a folder that the server allows for projects.',
  },
  PIP_RUN_ACTIVE: {
    status: 409,
    fault: 'user',
    title: 'Another run of the pipeline is active and its concurrency is "skip"',
    remedy: 'Wait for the active run, cancel it, or declare the pipeline with concurrency "queue".',
  },
  PIP_RUN_STATE: {
    status: 409,
    fault: 'user',
    title: 'The run is not in a state that allows this',
    remedy: 'Cancel only queued or running runs; resume only failed or cancelled ones.',
  },
  PIP_STEP_TIMED_OUT: {
    status: 504,
    fault: 'system',
    title: 'The step took longer than its time limit',
    remedy: 'Raise the timeout of the step, or make its work smaller.',
  },
  PIP_STEP_WORKER_LOST: {
    status: 500,
    fault: 'system',
    title: 'The step ended with its worker too often',
    remedy: 'Look for what ends the server while this step runs (memory is the usual reason), then resume the run.',
  },
  PIP_STEP_FAULT: {
    status: 500,
    fault: 'system',
    title: 'The step failed for a reason inside Fairlead',
    remedy: 'Resume the run; if it fails again, report the error with its id and the log of the server.',
  },
  PIP_BUILT_IN_MISSING: {
    status: 409,
    fault: 'user',
    title: 'The run uses a built-in step that this server does not have',
    remedy: 'Use one of the built-in steps that this version offers, or start the version that declared the pipeline.',
  },
  PIP_CODE_MISSING: {
    status: 422,
    fault: 'user',
    title: 'Code that the step names is not in the project folder',
    remedy: 'Check the path; it must lie inside the folder of the project file.',
  },
  PIP_CODE_GONE: {
    status: 422,
    fault: 'user',
    title: 'The code of the run is not kept anywhere',
    remedy: 'Fetch the commit into the repository of the project; commit before runs that must be reproducible.',
  },
  PIP_STEP_NOT_REPEATABLE: {
    status: 422,
    fault: 'user',
    title: 'The step cannot be done again from its record',
    remedy:
      'Name a run of a step that succeeded and whose effect is its result, such as train, evaluate, split or a command.',
  },
  PIP_COMMAND_NOT_STARTED: {
    status: 422,
    fault: 'user',
    title: 'The command cannot be started',
    remedy: 'Check that the program is installed and on the PATH of the server, and that it may be executed.',
  },
  PIP_COMMAND_FAILED: {
    status: 422,
    fault: 'user',
    title: 'The command ended with an error',
    remedy:
      'Read the last lines in the message or logs/output.txt of the tracking run, mend the program, resume the run.',
  },
  PIP_COMMAND_KILLED: {
    status: 500,
    fault: 'system',
    title: 'The command was ended by a signal',
    remedy: 'SIGKILL usually means that memory ran out: give the step more memory or less data, then resume the run.',
  },
  PIP_FUNCTION_FAILED: {
    status: 422,
    fault: 'user',
    title: 'The function of the step failed',
    remedy: 'Mend the function; the message holds what it threw and the first lines of the stack.',
  },
  PIP_FUNCTION_RESULT: {
    status: 422,
    fault: 'user',
    title: 'The function returned something else than a step result',
    remedy: 'Return { files?, values?, metrics?, summary? } made of JSON values.',
  },
  PIP_OUTPUT_MISSING: {
    status: 422,
    fault: 'user',
    title: 'A declared output was not written',
    remedy: 'Write the file below the folder in FAIRLEAD_OUTPUT_DIR under the declared name.',
  },
  PIP_INPUT_MISSING: {
    status: 422,
    fault: 'user',
    title: 'A step that should provide an input gave no such output',
    remedy: 'Use one of the outputs named in the message, or declare the output in the step before.',
  },
});
