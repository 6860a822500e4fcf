/**
 * Training: a loop with validation, history and a way to stop; progress in
 * the terminal; charts; folders that keep a run.
 *
 * ```ts
 * import { lossChart, Trainer } from "@fdunn/train";
 * import { manualSeed, randn } from "@fdunn/tensor";
 * import { DataLoader, TensorDataset } from "@fdunn/data";
 * import { CrossEntropyLoss, Linear } from "@fdunn/nn";
 * import { SGD } from "@fdunn/optim";
 * import { assert } from "@std/assert";
 *
 * manualSeed(0);
 * const x = randn([256, 2]);
 * const y = x.select(1, 0).gt(0).to("int32"); // is the first number positive?
 * const model = new Linear(2, 2);
 * const trainer = new Trainer(model, {
 *   optimizer: new SGD(model.parameters(), { lr: 0.5 }),
 *   loss: new CrossEntropyLoss(),
 *   epochs: 3,
 * });
 * const loader = new DataLoader(new TensorDataset(x, y), { batchSize: 16 });
 * const history = await trainer.fit(loader, loader);
 * assert(history.at(-1)!.validAccuracy! > 0.95);
 * assert(lossChart(history).startsWith("<svg"));
 * ```
 *
 * @module
 */

export {
  AveragedModel,
  type AveragedModelOptions,
  type AverageFunction,
  getEmaAvgFn,
  getEmaMultiAvgFn,
  getSwaAvgFn,
  getSwaMultiAvgFn,
  type MultiAverageFunction,
  updateBn,
} from "./averaging/averaged_model.ts";
export {
  type BatchSizeFinderOptions,
  type BatchSizeFound,
  type BatchSizeTrial,
  findBatchSize,
} from "./finders/batch_size_finder.ts";
export type { BatchLoss, BatchResult } from "./batch_loss.ts";
export { BatchWalk, type WalkOptions } from "./batch_walk.ts";
export {
  decisionBoundaryChart,
  type DecisionBoundaryOptions,
} from "./charts/boundary_chart.ts";
export type { Callback, EpochRecord, LogRow } from "./callback.ts";
export {
  hashWeights,
  loadModel,
  saveModel,
  type Stateful,
} from "./checkpoints/checkpoint.ts";
export {
  type CheckpointProgress,
  DamagedCheckpointError,
  decodeCheckpoint,
  encodeCheckpoint,
  loadCheckpoint,
  saveCheckpoint,
} from "./checkpoints/checkpoint_file.ts";
export {
  findCheckpoint,
  type FoundCheckpoint,
} from "./checkpoints/checkpoint_search.ts";
export {
  type Average,
  type AverageOptions,
  ClassMetric,
  ConfusionMatrix,
  F1Score,
  Precision,
  Recall,
  TopKAccuracy,
} from "./metrics/class_metric.ts";
export { confusionMatrix } from "./metrics/confusion.ts";
export {
  confusionChart,
  type ConfusionChartOptions,
} from "./charts/confusion_chart.ts";
export {
  ConsoleLogger,
  type ConsoleLoggerOptions,
} from "./loggers/console_logger.ts";
export { copyModule } from "./averaging/copy_module.ts";
export { CSVLogger } from "./loggers/csv_logger.ts";
export {
  Doctor,
  type DoctorOptions,
  type DoctorSubject,
  type Finding,
  type Mistake,
} from "./doctor/doctor.ts";
export {
  EarlyStopping,
  type EarlyStoppingOptions,
  type EarlyStoppingState,
} from "./callbacks/early_stopping.ts";
export {
  evaluate,
  type EvaluateOptions,
  type Evaluation,
  type Metrics,
  predict,
  type PredictBatches,
  type PredictOptions,
} from "./evaluation.ts";
export { UnwrittenError, WriteError } from "./files/file_errors.ts";
export { filterChart, type FilterChartOptions } from "./charts/filter_chart.ts";
export { GradientAccumulationScheduler } from "./callbacks/gradient_accumulation_scheduler.ts";
export {
  GradientClipping,
  type GradientClippingOptions,
} from "./callbacks/gradient_clipping.ts";
export {
  GrowingFile,
  type GrowingFileOptions,
  wholeLines,
} from "./files/growing_file.ts";
export {
  accuracyChart,
  type HistoryChartOptions,
  lossChart,
} from "./charts/history_chart.ts";
export {
  JsonLinesLogger,
  type LoggedRows,
} from "./loggers/json_lines_logger.ts";
export {
  type FileWriter,
  KeptFiles,
  type KeptFilesOptions,
} from "./files/kept_files.ts";
export {
  findLearningRate,
  type LearningRateFinderOptions,
  LearningRateFound,
  type Trial,
} from "./finders/learning_rate_finder.ts";
export {
  LearningRateMonitor,
  type LearningRateMonitorOptions,
} from "./callbacks/learning_rate_monitor.ts";
export {
  LearningRateSchedule,
  type LearningRateScheduleOptions,
  type Scheduler,
} from "./callbacks/learning_rate_schedule.ts";
export type { LogbookState } from "./logbook.ts";
export { Accuracy, MeanLoss, type Metric } from "./metrics/metric.ts";
export {
  ModelCheckpoint,
  type ModelCheckpointOptions,
  type ModelCheckpointState,
  type SavedCheckpoint,
} from "./checkpoints/model_checkpoint.ts";
export type { MonitorMode } from "./callbacks/monitor.ts";
export { pictureGrid, type PictureGridOptions } from "./charts/picture_grid.ts";
export {
  type ChartOptions,
  lineChart,
  type Scale,
  type Series,
} from "./charts/plot.ts";
export {
  barLine,
  type BarState,
  epochLine,
  ProgressBar,
  type ProgressOptions,
  type ProgressOutput,
  standardOutput,
} from "./terminal/progress.ts";
export {
  loadRandomState,
  type RandomState,
  randomState,
} from "./checkpoints/random_state.ts";
export {
  AUROC,
  AveragePrecision,
  type Ranked,
  RankingMetric,
  type RankingState,
} from "./metrics/ranking_metric.ts";
export {
  MeanAbsoluteError,
  MeanError,
  MeanSquaredError,
  Perplexity,
  type PerplexityOptions,
  R2Score,
} from "./metrics/regression_metric.ts";
export {
  type Contents,
  createFile,
  removeUnfinished,
  replaceFile,
  type ReplaceFileOptions,
} from "./files/replace_file.ts";
export { type ReportOptions, writeReport } from "./runs/report.ts";
export { RunningMean, type Sums } from "./metrics/running_mean.ts";
export { RunFolder, type RunFolderOptions } from "./runs/run_folder.ts";
export {
  SummaryWriter,
  type SummaryWriterOptions,
} from "./loggers/summary_writer.ts";
export { SWALR, type SWALROptions } from "./averaging/swa_schedule.ts";
export {
  TelemetryLogger,
  type TelemetryLoggerOptions,
} from "./loggers/telemetry_logger.ts";
export {
  type LoggedBytes,
  TensorBoardLogger,
  type TensorBoardLoggerOptions,
} from "./loggers/tensorboard_logger.ts";
export {
  type Terminal,
  TerminalView,
  type TerminalViewOptions,
} from "./terminal/terminal_view.ts";
export type {
  Batch,
  Batches,
  Criterion,
  RatedGroup,
  Resumable,
  StepOptimizer,
  SwitchableModel,
  TrainableModel,
} from "./trainable.ts";
export { Trainer } from "./trainer.ts";
export type {
  FitOptions,
  ScheduleOption,
  TrainerOptions,
} from "./trainer_options.ts";
export type { LoopState, TrainerState } from "./trainer_state.ts";
export {
  type Duration,
  TrainingLimits,
  type TrainingLimitsOptions,
} from "./callbacks/training_limits.ts";
export { DivergedError } from "./training_loop.ts";
export type { PlaceState } from "./training_place.ts";
export {
  EMAWeightAveraging,
  type EMAWeightAveragingOptions,
  StochasticWeightAveraging,
  type StochasticWeightAveragingOptions,
  WeightAveraging,
  type WeightAveragingState,
} from "./averaging/weight_averaging.ts";
export {
  serveTraining,
  type TrainingProgress,
  trainInWorker,
  type TrainInWorkerOptions,
  type WorkerJob,
  type WorkerLike,
  type WorkerResult,
} from "./worker/worker.ts";
