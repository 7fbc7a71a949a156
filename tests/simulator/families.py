"""Kinds of goods: how each marketplace files them, what they cost, weigh and how they rank."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Family:
    """One kind of goods.

    words: what betrays it in a name or a supplier's category (lower case, no accents)
    group: Amazon's display group and its title; node, shelf: browse node and its title
    fnac: family behind a Fnac product name; octopia: Cdiscount category code and label
    price: usual price, VAT included [EUR]; weight_g: usual packed weight
    shelf_size: best seller rank of the slowest goods
    """

    words: tuple[str, ...]
    group: str
    title: str
    node: str
    shelf: str
    fnac: str
    octopia: str
    octopia_label: str
    price: float
    weight_g: float
    shelf_size: int
    nouns: tuple[str, ...]


def _family(words, group, title, node, shelf, fnac, octopia, label, price, weight, size, nouns):
    return Family(
        tuple(words.split()),
        f"{group}_display_on_website",
        title,
        node,
        shelf,
        fnac,
        octopia,
        label,
        price,
        weight,
        size,
        tuple(nouns.split(",")),
    )


FAMILIES = (
    _family(
        "ordinateur laptop ssd usb clavier souris ecran moniteur imprimante toner cartouche"
        " cable hdmi routeur wifi disque tablette pc carte memoire informatique computer keyboard"
        " mouse monitor printer network reseau",
        "ce",
        "Informatique",
        "430332031",
        "Périphériques",
        "Informatique",
        "0U0A01",
        "INFORMATIQUE",
        45.0,
        450.0,
        90_000,
        "Souris sans fil,Clavier compact,Hub USB-C,Disque SSD 1 To,Webcam HD",
    ),
    _family(
        "tv televiseur audio casque ecouteur enceinte bluetooth camera photo telephone smartphone"
        " chargeur batterie pile telephonie telefon headphone speaker hifi hi-fi electronic"
        " electronique",
        "ce",
        "High-Tech",
        "13921051",
        "Audio et accessoires",
        "Son, hifi, home-cinéma",
        "0V0B02",
        "SON - HIFI",
        59.0,
        600.0,
        150_000,
        "Casque Bluetooth,Enceinte portable,Chargeur 65 W,Batterie externe,Micro-cravate",
    ),
    _family(
        "cuisine poele casserole couteau cafe cafetiere bouilloire grille-pain mixeur robot four"
        " vaisselle assiette verre mug kitchen knife pan thermos moule ustensile menage kuche",
        "kitchen",
        "Cuisine et Maison",
        "57686031",
        "Ustensiles et petit électroménager",
        "Petit électroménager",
        "0R0C03",
        "PETIT ELECTROMENAGER",
        39.0,
        1400.0,
        220_000,
        "Bouilloire inox,Poêle 28 cm,Cafetière à piston,Mixeur plongeant,Couteau de chef",
    ),
    _family(
        "perceuse vis visseuse outil tournevis marteau scie cle colle peinture ruban serrure"
        " cadenas bricolage quincaillerie outillage electricite prise interrupteur disjoncteur"
        " tool drill screw werkzeug plomberie robinet",
        "diy",
        "Bricolage",
        "590748031",
        "Outillage",
        "Bricolage",
        "0J0D04",
        "BRICOLAGE - OUTILLAGE",
        32.0,
        900.0,
        260_000,
        "Jeu de tournevis,Ruban LED,Prise connectée,Perceuse 18 V,Niveau laser",
    ),
    _family(
        "lampe luminaire ampoule led eclairage spot applique plafonnier lustre lamp light leuchte",
        "lighting",
        "Luminaires et Éclairage",
        "213080031",
        "Ampoules et lampes",
        "Luminaire",
        "0K0E05",
        "LUMINAIRE",
        27.0,
        500.0,
        110_000,
        "Lampe de bureau,Ampoule E27,Applique murale,Ruban lumineux,Lampadaire",
    ),
    _family(
        "jardin tondeuse arrosage tuyau plante graine barbecue parasol garden pelle rateau weide"
        " elevage cloture agrar agricole semence terreau",
        "lawn_and_garden",
        "Jardin",
        "3557027031",
        "Outils de jardin",
        "Jardin",
        "0L0F06",
        "JARDIN - PISCINE",
        36.0,
        2200.0,
        120_000,
        "Sécateur,Tuyau extensible,Pulvérisateur 5 L,Housse de salon,Bêche",
    ),
    _family(
        "jouet jeu societe puzzle lego peluche poupee figurine playmobil deguisement toy spiel"
        " spielzeug giochi enfant",
        "toy",
        "Jeux et Jouets",
        "322086011",
        "Jeux de société et jouets",
        "Jeux et jouets",
        "0M0G07",
        "JEUX - JOUETS",
        24.0,
        700.0,
        200_000,
        "Jeu de société,Puzzle 1000 pièces,Voiture télécommandée,Peluche,Jeu de construction",
    ),
    _family(
        "stylo cahier papier classeur agrafeuse feutre crayon enveloppe bureau fourniture office"
        " papeterie etiquette chemise dossier trombone scotch ecriture",
        "office_products",
        "Fournitures de bureau",
        "192420031",
        "Papeterie",
        "Papeterie",
        "0N0H08",
        "PAPETERIE",
        11.0,
        350.0,
        90_000,
        "Stylos gel x12,Classeur A4,Ramette A4 500 feuilles,Agenda semainier,Agrafeuse",
    ),
    _family(
        "parfum shampooing creme maquillage rasoir beaute cosmetique soin cheveux savon dentifrice"
        " brosse beauty cosmetic",
        "beauty",
        "Beauté et Parfum",
        "197858031",
        "Soins et parfums",
        "Beauté, santé, bien-être",
        "0P0J09",
        "BEAUTE - BIEN-ETRE",
        19.0,
        280.0,
        180_000,
        "Crème hydratante,Eau de parfum 50 ml,Tondeuse barbe,Sérum visage,Shampooing solide",
    ),
    _family(
        "sport velo ballon fitness yoga tente randonnee camping raquette natation running"
        " musculation chaussure sac gourde bike outdoor",
        "sports",
        "Sports et Loisirs",
        "325614031",
        "Sports et plein air",
        "Sport, loisirs",
        "0Q0K10",
        "SPORT",
        29.0,
        900.0,
        210_000,
        "Gourde isotherme,Tapis de yoga,Éclairage vélo,Sac à dos 30 L,Corde à sauter",
    ),
    _family(
        "chien chat animal croquette litiere laisse aquarium pet hund katze animalerie",
        "pet_products",
        "Animalerie",
        "1571268031",
        "Accessoires pour animaux",
        "Animalerie",
        "0S0L11",
        "ANIMALERIE",
        21.0,
        1500.0,
        70_000,
        "Harnais chien,Arbre à chat,Gamelle inox,Litière 10 L,Jouet à mâcher",
    ),
    _family(
        "bebe biberon poussette couche puericulture tetine baby",
        "baby_products",
        "Bébé et Puériculture",
        "206617031",
        "Repas et éveil",
        "Puériculture",
        "0T0M12",
        "PUERICULTURE",
        28.0,
        800.0,
        60_000,
        "Biberon anti-colique,Veilleuse,Tapis d'éveil,Coussin d'allaitement,Bavoirs x5",
    ),
    _family(
        "voiture auto moto pneu huile moteur essuie batterie garage automobile automotive filtre"
        " frein",
        "automotive",
        "Auto et Moto",
        "1571265031",
        "Pièces et accessoires",
        "Auto, moto",
        "0H0N13",
        "AUTO - MOTO",
        34.0,
        1300.0,
        160_000,
        "Support téléphone,Balais d'essuie-glace,Housse de siège,Chargeur batterie,Kit entretien",
    ),
    _family(
        "jeu video console manette playstation xbox nintendo switch videogame gaming",
        "video_games",
        "Jeux vidéo",
        "530490031",
        "Accessoires de jeu",
        "Jeux vidéo",
        "0G0P14",
        "JEUX VIDEO",
        42.0,
        350.0,
        30_000,
        "Manette sans fil,Casque gaming,Station de charge,Housse de transport,Volant",
    ),
    _family(
        "livre roman bd manga book buch isbn",
        "books",
        "Livres",
        "301061",
        "Livres",
        "Livre",
        "0F0Q15",
        "LIVRES",
        18.0,
        420.0,
        400_000,
        "Roman,Bande dessinée,Guide pratique,Livre de cuisine,Manga",
    ),
)

#: Where goods that betray nothing end up.
DEFAULT = FAMILIES[2]

BRANDS = (
    *("Exemplia", "Novaline", "Kordia", "Belvo", "Altris", "Maison Ravel", "Tekno", "Orsay"),
    *("Brumelle", "Cantoria", "Delphis", "Elvarre", "Fjordane", "Galbrune", "Halcyon Bleu"),
    *("Isidore & Fils", "Jaspero", "Kestrelle", "Lumivar", "Mirovent", "Nordalie", "Ostrelin"),
    *("Pervanche", "Quintarel", "Rivaudin", "Solmara", "Tavernel", "Ubrique", "Vermandal"),
    *("Wendolin", "Xylora", "Yvrande", "Zephirel"),
)
