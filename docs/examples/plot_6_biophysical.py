"""
Against biophysical spikes
==========================

The abstract network and its twin of adaptive exponential integrate-and-fire cells learn the same
patterns, get the same cues, and are held against each other by their spikes alone.
"""

from cortical_bcpnn import SpikeTrains, compare
from cortical_bcpnn.biophysical import BiophysicalMemory
from cortical_bcpnn.biophysical.recurrent import POPULATION, one_hot, recalling, recurrent_memory
from cortical_bcpnn.drawing.style import new_figure, styled

patterns = [[0, 1, 2, 0], [2, 0, 1, 1]]  # the active minicolumn of each of four hypercolumns
cues = [[0, 1, -1, -1], [2, 0, -1, -1]]  # two are cued; -1 is none

# %%
# 4 × 3 minicolumns of 30 pyramidal cells, with basket cells.
twin = BiophysicalMemory(hypercolumns=4, minicolumns=3, seed=1)
twin.learn(patterns)
trains = {"biophysical": SpikeTrains.from_biophysical(twin.recall(cues))}

# %%
# The abstract network has one stochastic unit for each minicolumn.
with recurrent_memory(4, 3, n_patterns=2, seed=1) as memory:
    memory.learn(one_hot(patterns, 3), epochs=300)
    recall = memory.recall(one_hot(cues, 3), protocol=recalling(), over_time=True)
trains["abstract"] = SpikeTrains.from_recall(recall, POPULATION, cue=(0.15, 0.2))

# %%
# The same measures, a row a model.
print(compare(trains, patterns).T.to_string())


# %%
@styled
def draw(trains):
    figure = new_figure(figsize=(7, 4.2), layout="constrained")
    axes = figure.subplots(len(trains), 1, sharex=True)
    for ax, (name, trials) in zip(axes, trains.items()):
        trial = trials[0]
        ax.axvspan(*(1000 * edge for edge in trial.cue), color="0.9")
        ax.plot(1000 * trial.times, trial.units, "k.", ms=2)
        ax.set(title=name, ylabel="cell" if trial.cells is not None else "minicolumn")
    axes[-1].set_xlabel("time (ms); grey: cue")
    return figure


figure = draw(trains)
