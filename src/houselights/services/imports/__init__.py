"""People in: a population file maps a company's own files to people, facets, events, identities, follows and texts.

The pipeline, one file a step (run.py calls them in this order):

    grammar → parse          POPULATION.yaml → frozen Population, or an error with file, line, path and hint
    sources → readers        files and URLs → batches of columns with the physical line of each row
    stage_*                  batches → checked, encoded rows on local disk; bad rows → the reject file
    keys                     person keys → person ids (known people keep theirs)
    assemble                 staged rows → buckets of people → lake tables
    publish                  index built, then one transaction makes the new generation current
"""
