"""The words an alias is made of; changing them renames freight for people, never its id."""

from __future__ import annotations

ADJECTIVES = tuple(
    """
    able agile amber ample apt arctic azure bold brave breezy bright brisk bronze calm candid
    clear clever cobalt copper coral cosmic crimson crisp daring deft dusky eager early earnest
    easy ebony fair fast fleet fond frank free fresh gentle glad golden grand green handy happy
    hardy hazel honest humble indigo ivory jade jolly keen kind lively loyal lucid lucky lunar
    mellow merry mighty mild misty modest neat nimble noble olive opal patient pearl placid plucky
    polite proud quick quiet rapid ready robust rosy ruby rustic sage scarlet serene sharp shiny
    silent silver smart snowy solar solid spry steady still stout sturdy sunny swift teal tidy
    topaz tranquil trusty upbeat valiant velvet vivid warm wise witty woolly young zesty
    """.split()
)

ANIMALS = tuple(
    """
    alpaca anchovy ant antelope badger barracuda bat bear beaver bee bison boar buffalo bunting
    camel caribou cat cheetah chough cod condor coot coyote crab crane cricket crow curlew deer
    dingo dolphin dove dragonfly duck eagle eel egret eider elk emu falcon ferret finch firefly
    fox frog gannet gazelle gecko gibbon goat goose grouse gull hare harrier hawk hedgehog heron
    herring hornet horse ibex ibis iguana impala jackal jaguar jay kestrel kingfisher kite koala
    lark lemur leopard linnet lion lizard llama lobster loon lynx magpie mallard manatee marmot
    marten martin merlin mink mole moose moth mouse mule narwhal newt nightjar ocelot octopus orca
    oriole osprey otter owl ox panda panther parrot partridge pelican penguin petrel pheasant
    pigeon pike pipit plover pony porpoise puffin puma quail rabbit raccoon raven redstart robin
    rook salmon sandpiper seal shark sheep shrew shrike skylark sloth snipe sparrow squid squirrel
    starling stoat stork swallow swan swift tapir tern thrush tiger toad trout tuna turtle viper
    vole walrus warbler wasp weasel whale wolf wombat wren yak zebra
    """.split()
)
